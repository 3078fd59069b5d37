package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/containerd/ttrpc"
	"github.com/containerd/ttrpc/integration/streaming"
	"ttrpc.test/peers/go/internal/services"
)

// load is one worker: it works until the window is over and records what falls inside.
type load func(*ttrpc.Client, int, window, *histogram) error

var loads = map[string]struct {
	run  load
	size int
}{
	"unary":  {unary, 16},
	"blob":   {unary, 64 << 10},
	"stream": {stream, 16},
}

// unary reuses request and reply, so that what is measured is ttrpc and protobuf and not this program.
func unary(client *ttrpc.Client, size int, w window, samples *histogram) error {
	ctx := context.Background()
	req := &streaming.EchoPayload{Seq: 1, Msg: strings.Repeat("x", size)}
	resp := &streaming.EchoPayload{}
	for from := time.Now(); from.Before(w.to); {
		if err := client.Call(ctx, services.StreamingService, "Echo", req, resp); err != nil {
			return err
		}
		if len(resp.Msg) != size || resp.Seq != 2 {
			return fmt.Errorf("echo of %d bytes came back as seq %d with %d bytes", size, resp.Seq, len(resp.Msg))
		}
		to := time.Now()
		if !from.Before(w.from) && !to.After(w.to) {
			samples.record(to.Sub(from))
		}
		from = to
	}
	return nil
}

// stream counts messages of Peer/Count. Its latency is the time between two messages, so the percentiles say how bursty the
// delivery is. Streams are short enough that the last one, which has to be read to its end, does not last long.
func stream(client *ttrpc.Client, size int, w window, samples *histogram) error {
	perStream := uint32(min(max((16<<20)/(size+16), 100), 10000))
	req := &streaming.EchoPayload{Seq: perStream, Msg: strings.Repeat("x", size)}
	msg := &streaming.EchoPayload{}
	for time.Now().Before(w.to) {
		s, err := client.NewStream(context.Background(), &ttrpc.StreamDesc{StreamingServer: true}, services.PeerService, "Count", req)
		if err != nil {
			return err
		}
		from := time.Now()
		for seq := range perStream {
			if err := s.RecvMsg(msg); err != nil {
				return err
			}
			if msg.Seq != seq || len(msg.Msg) != size {
				return fmt.Errorf("message %d came as seq %d with %d bytes", seq, msg.Seq, len(msg.Msg))
			}
			to := time.Now()
			if !from.Before(w.from) && !to.After(w.to) {
				samples.record(to.Sub(from))
			}
			from = to
		}
		if err := s.RecvMsg(msg); !errors.Is(err, io.EOF) {
			return fmt.Errorf("after the last message: %v, want EOF", err)
		}
	}
	return nil
}
