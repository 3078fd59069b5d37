package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/containerd/ttrpc"
	"github.com/containerd/ttrpc/integration/streaming"
	"ttrpc.test/peers/go/internal/report"
	"ttrpc.test/peers/go/internal/services"
)

// The seven cases of upstream's integration test, through the generated client, with the same sizes and checks.

func echo(c *ttrpc.Client, p params) result {
	ctx, cancel := p.context()
	defer cancel()
	req := &streaming.EchoPayload{Seq: 1, Msg: "one call"}
	resp, err := streaming.NewTTRPCStreamingClient(c).Echo(ctx, req)
	if err != nil {
		return broken(err)
	}
	return result{wrong: nextEcho(req, resp)}
}

func echoStream(c *ttrpc.Client, p params) result {
	ctx, cancel := p.context()
	defer cancel()
	stream, err := streaming.NewTTRPCStreamingClient(c).EchoStream(ctx)
	if err != nil {
		return broken(err)
	}
	n := p.count(50)
	for i := range n {
		req := &streaming.EchoPayload{Seq: uint32(2 * i), Msg: fmt.Sprintf("message %d of a stream", i)}
		if err := stream.Send(req); err != nil {
			return broken(err)
		}
		resp, err := stream.Recv()
		if err != nil {
			return broken(err)
		}
		if err := nextEcho(req, resp); err != nil {
			return result{wrong: err}
		}
	}
	if err := stream.CloseSend(); err != nil {
		return broken(err)
	}
	_, err = stream.Recv()
	return result{wrong: wantEOF(err), facts: report.Facts{"messages": n}}
}

func sumStream(c *ttrpc.Client, p params) result {
	ctx, cancel := p.context()
	defer cancel()
	stream, err := streaming.NewTTRPCStreamingClient(c).SumStream(ctx)
	if err != nil {
		return broken(err)
	}
	// Zeros at both ends: those parts are empty on the wire and still have to be counted.
	parts := []int32{0}
	for add := int32(-99); add <= 100; add++ {
		parts = append(parts, add)
	}
	parts = append(parts, 0)

	want := &streaming.Sum{}
	for _, add := range parts {
		if err := stream.Send(&streaming.Part{Add: add}); err != nil {
			return broken(err)
		}
		want.Sum += add
		want.Num++
	}
	got, err := stream.CloseAndRecv()
	if err != nil {
		return broken(err)
	}
	return result{wrong: sameSum(got, want), facts: report.Facts{"sum": got.Sum, "num": got.Num}}
}

func divideStream(c *ttrpc.Client, p params) result {
	ctx, cancel := p.context()
	defer cancel()
	want := &streaming.Sum{Sum: 392, Num: 30}
	stream, err := streaming.NewTTRPCStreamingClient(c).DivideStream(ctx, want)
	if err != nil {
		return broken(err)
	}
	got := &streaming.Sum{}
	for {
		part, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return broken(err)
		}
		got.Sum += part.Add
		got.Num++
	}
	return result{wrong: sameSum(got, want), facts: report.Facts{"sum": got.Sum, "num": got.Num}}
}

func echoNull(c *ttrpc.Client, p params) result {
	ctx, cancel := p.context()
	defer cancel()
	stream, err := streaming.NewTTRPCStreamingClient(c).EchoNull(ctx)
	if err != nil {
		return broken(err)
	}
	n := p.count(100)
	if err := sendNumbered(stream.Send, n); err != nil {
		return broken(err)
	}
	if _, err := stream.CloseAndRecv(); err != nil {
		return broken(err)
	}
	return result{facts: report.Facts{"messages": n}}
}

// echoNullStream also counts the replies, which upstream's test leaves out: all of them are sent before the end is.
func echoNullStream(c *ttrpc.Client, p params) result {
	ctx, cancel := p.context()
	defer cancel()
	stream, err := streaming.NewTTRPCStreamingClient(c).EchoNullStream(ctx)
	if err != nil {
		return broken(err)
	}
	n := p.count(100)
	received, ended := 0, make(chan error, 1)
	go func() {
		for {
			if _, err := stream.Recv(); err != nil {
				ended <- err
				return
			}
			received++
		}
	}()
	if err := sendNumbered(stream.Send, n); err != nil {
		return broken(err)
	}
	if err := stream.CloseSend(); err != nil {
		return broken(err)
	}
	select {
	case err = <-ended:
	case <-time.After(10 * time.Second):
		return broken(errors.New("no end of stream within 10 s"))
	}
	facts := report.Facts{"messages": n, "received": received}
	if !errors.Is(err, io.EOF) {
		return result{err: err, wrong: err, facts: facts}
	}
	if want := n * services.NullReplies; received != want {
		return result{wrong: fmt.Errorf("received %d messages, want %d", received, want), facts: facts}
	}
	return result{facts: facts}
}

// emptyPayloadStream passes a nil request, as a caller with nothing to say does. It becomes an empty payload.
func emptyPayloadStream(c *ttrpc.Client, p params) result {
	p.timeout = or(p.timeout, 5*time.Second)
	ctx, cancel := p.context()
	defer cancel()
	stream, err := streaming.NewTTRPCStreamingClient(c).EmptyPayloadStream(ctx, nil)
	if err != nil {
		return broken(err)
	}
	for want := uint32(1); want <= 2; want++ {
		msg, err := stream.Recv()
		if err != nil {
			return broken(err)
		}
		if msg.Seq != want {
			return result{wrong: fmt.Errorf("seq %d, want %d", msg.Seq, want)}
		}
	}
	_, err = stream.Recv()
	return result{wrong: wantEOF(err)}
}

func sendNumbered(send func(*streaming.EchoPayload) error, n int) error {
	for seq := range n {
		if err := send(&streaming.EchoPayload{Seq: uint32(seq), Msg: services.NullText}); err != nil {
			return err
		}
	}
	return nil
}
