package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/containerd/ttrpc"
	"github.com/containerd/ttrpc/integration/streaming"
	"ttrpc.test/peers/go/internal/report"
	"ttrpc.test/peers/go/internal/services"
)

type payload = streaming.EchoPayload

// broken is a call that should have worked: the error is both the outcome and the complaint.
func broken(err error) result { return result{err: err, wrong: err} }

func nextEcho(req, resp *payload) error {
	if resp.Msg != req.Msg {
		return fmt.Errorf("msg has %d bytes and is not the one sent (%d bytes)", len(resp.Msg), len(req.Msg))
	}
	if resp.Seq != req.Seq+1 {
		return fmt.Errorf("seq %d, want %d", resp.Seq, req.Seq+1)
	}
	return nil
}

func sameSum(got, want *streaming.Sum) error {
	if got.Sum != want.Sum || got.Num != want.Num {
		return fmt.Errorf("sum %d of %d parts, want %d of %d", got.Sum, got.Num, want.Sum, want.Num)
	}
	return nil
}

func wantEOF(err error) error {
	if !errors.Is(err, io.EOF) {
		return fmt.Errorf("after the last message: %v, want EOF", err)
	}
	return nil
}

// wantStatus compares with what Go's own server answers.
func wantStatus(err error, code int, text string) error {
	if gotCode, gotText := report.Code(err); gotCode != code || gotText != text {
		return fmt.Errorf("got code %d %q, want code %d %q", gotCode, gotText, code, text)
	}
	return nil
}

// refused is a call that has to fail with this status and leave the connection usable.
func refused(c *ttrpc.Client, err error, code int, text string) result {
	r := result{err: err, wrong: wantStatus(err, code, text), facts: report.Facts{}}
	checkAlive(c, &r)
	return r
}

// checkAlive makes one more call, because an error that costs the connection is a different error.
func checkAlive(c *ttrpc.Client, r *result) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	req, resp := &payload{Seq: 7, Msg: "still there"}, &payload{}
	err := c.Call(ctx, services.StreamingService, "Echo", req, resp)
	if err == nil {
		err = nextEcho(req, resp)
	}
	r.facts["alive"] = err == nil
	if err != nil && r.wrong == nil {
		r.wrong = fmt.Errorf("connection unusable afterwards: %w", err)
	}
}
