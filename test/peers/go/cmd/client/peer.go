package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/containerd/ttrpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"ttrpc.test/peers/go/internal/report"
	"ttrpc.test/peers/go/internal/services"
)

func peerCall(ctx context.Context, c *ttrpc.Client, method string, req *payload) (*payload, error) {
	resp := &payload{}
	err := c.Call(ctx, services.PeerService, method, req, resp)
	return resp, err
}

// metadata sends one key with several values: their order has to survive, and so has an empty value.
func metadata(c *ttrpc.Client, p params) result {
	ctx, cancel := p.context()
	defer cancel()
	sent := ttrpc.MD{"foo": {"one", "two", "one"}, "solo": {"<1>"}, "blank": {""}}
	resp, err := peerCall(ttrpc.WithMetadata(ctx, sent), c, "Metadata", &payload{})
	if err != nil {
		return broken(err)
	}
	r := result{facts: report.Facts{"seen": resp.Msg}}
	var seen ttrpc.MD
	if r.wrong = json.Unmarshal([]byte(resp.Msg), &seen); r.wrong == nil && !reflect.DeepEqual(seen, sent) {
		r.wrong = fmt.Errorf("metadata is not what was sent")
	}
	return r
}

// deadline sleeps far longer than its context. Two ends are right and they race: the client's own context error, and the
// server's status. Which one it was is in the facts.
func deadline(c *ttrpc.Client, p params) result {
	p.timeout = or(p.timeout, 100*time.Millisecond)
	ctx, cancel := p.context()
	defer cancel()
	start := time.Now()
	_, err := peerCall(ctx, c, "Sleep", &payload{Seq: uint32(10*p.timeout.Milliseconds() + 1000)})
	elapsed := time.Since(start)
	code, text := report.Code(err)
	local := errors.Is(err, context.DeadlineExceeded)
	r := result{err: err, facts: report.Facts{"elapsedMs": elapsed.Milliseconds(), "local": local}}
	switch {
	case !local && (code != int(codes.DeadlineExceeded) || text != context.DeadlineExceeded.Error()):
		r.wrong = fmt.Errorf("ended with %v", err)
	case elapsed < p.timeout-5*time.Millisecond || elapsed > p.timeout+2*time.Second:
		r.wrong = fmt.Errorf("ended after %v, deadline was %v", elapsed, p.timeout)
	}
	checkAlive(c, &r)
	return r
}

// deadlineSeen asks the handler how much time it thinks is left, with and without a deadline.
func deadlineSeen(c *ttrpc.Client, p params) result {
	without, err := peerCall(context.Background(), c, "Deadline", &payload{})
	if err != nil {
		return broken(err)
	}
	p.timeout = or(p.timeout, 30*time.Second)
	ctx, cancel := p.context()
	defer cancel()
	with, err := peerCall(ctx, c, "Deadline", &payload{})
	if err != nil {
		return broken(err)
	}
	r := result{facts: report.Facts{"without": without.Msg, "with": with.Msg}}
	left, err := strconv.ParseInt(with.Msg, 10, 64)
	if total := p.timeout.Milliseconds(); err != nil || left > total || left < total-2000 || without.Msg != "none" {
		r.wrong = fmt.Errorf("handler saw %q of %d ms, and %q without a deadline", with.Msg, total, without.Msg)
	}
	return r
}

// failCall asks for the code given by -n, NotFound otherwise.
func failCall(c *ttrpc.Client, p params) result {
	ctx, cancel := p.context()
	defer cancel()
	code, text := codes.Code(p.count(int(codes.NotFound))), "nothing here: ünïcödé"
	_, err := peerCall(ctx, c, "Fail", &payload{Seq: uint32(code), Msg: text})
	r := refused(c, err, int(code), text)

	types := []string{}
	for _, detail := range status.Convert(err).Proto().GetDetails() {
		types = append(types, detail.TypeUrl)
		var got durationpb.Duration
		if err := detail.UnmarshalTo(&got); (err != nil || !proto.Equal(&got, services.FailDetail())) && r.wrong == nil {
			r.wrong = fmt.Errorf("detail %s is not a duration of 1.5 s: %v", detail.TypeUrl, err)
		}
	}
	r.facts["details"] = types
	if len(types) != 1 && r.wrong == nil {
		r.wrong = fmt.Errorf("%d details, want 1", len(types))
	}
	return r
}

func plainError(c *ttrpc.Client, p params) result {
	ctx, cancel := p.context()
	defer cancel()
	_, err := peerCall(ctx, c, "PlainError", &payload{Msg: "just an error"})
	return refused(c, err, int(codes.Unknown), "just an error")
}

func nilReply(c *ttrpc.Client, p params) result {
	ctx, cancel := p.context()
	defer cancel()
	_, err := peerCall(ctx, c, "Nil", &payload{})
	return refused(c, err, int(codes.Unknown), "ttrpc: marshal called with nil")
}

func unknownService(c *ttrpc.Client, p params) result {
	ctx, cancel := p.context()
	defer cancel()
	err := c.Call(ctx, "ttrpc.test.Missing", "Nope", &payload{}, &payload{})
	return refused(c, err, int(codes.Unimplemented), "service ttrpc.test.Missing")
}

func unknownMethod(c *ttrpc.Client, p params) result {
	ctx, cancel := p.context()
	defer cancel()
	_, err := peerCall(ctx, c, "Nope", &payload{})
	return refused(c, err, int(codes.Unimplemented), "method Nope")
}

// die ends the server in the middle of a call. No reply can come, so the connection's end is the answer.
func die(c *ttrpc.Client, p params) result {
	ctx, cancel := p.context()
	defer cancel()
	_, err := peerCall(ctx, c, "Die", &payload{})
	return closed(err)
}

func closed(err error) result {
	r := result{err: err, facts: report.Facts{"closed": errors.Is(err, ttrpc.ErrClosed)}}
	if !errors.Is(err, ttrpc.ErrClosed) {
		r.wrong = fmt.Errorf("ended with %v, want %v", err, ttrpc.ErrClosed)
	}
	return r
}
