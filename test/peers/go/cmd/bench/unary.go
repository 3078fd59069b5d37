package main

import (
	"context"
	"fmt"
	"time"

	"github.com/containerd/ttrpc"
	"github.com/containerd/ttrpc/integration/streaming"
	"google.golang.org/protobuf/types/known/wrapperspb"
	"ttrpc.test/peers/go/internal/services"
)

// echo reuses request and reply, so that what is measured is ttrpc and protobuf and not this program.
func echo(msg string) func(context.Context, *ttrpc.Client) error {
	req := &streaming.EchoPayload{Seq: 1, Msg: msg}
	resp := &streaming.EchoPayload{}
	return func(ctx context.Context, client *ttrpc.Client) error {
		if err := client.Call(ctx, services.StreamingService, "Echo", req, resp); err != nil {
			return err
		}
		return check(resp, 2, msg)
	}
}

func check(got *streaming.EchoPayload, seq uint32, msg string) error {
	if got.Seq != seq || len(got.Msg) != len(msg) {
		return fmt.Errorf("want seq %d with %d bytes, got seq %d with %d bytes", seq, len(msg), got.Seq, len(got.Msg))
	}
	return nil
}

func unary(w work) error {
	call := echo(w.msg)
	return w.repeat(func() error { return call(context.Background(), w.clients[0]) })
}

func echoBytes(w work) error {
	req := wrapperspb.Bytes([]byte(w.msg))
	resp := &wrapperspb.BytesValue{}
	return w.repeat(func() error {
		if err := w.clients[0].Call(context.Background(), services.PeerService, "EchoBytes", req, resp); err != nil {
			return err
		}
		if len(resp.Value) != len(w.msg) {
			return fmt.Errorf("want %d bytes, got %d", len(w.msg), len(resp.Value))
		}
		return nil
	})
}

// rich has what calls of real programs have.
func rich(w work) error {
	call := echo(w.msg)
	return w.repeat(func() error {
		md := ttrpc.MD{"tenant": {"benchmark"}, "request-kind": {"echo"}}
		ctx, cancel := context.WithTimeout(ttrpc.WithMetadata(context.Background(), md), 5*time.Second)
		defer cancel()
		return call(ctx, w.clients[0])
	})
}

// reading is the interceptor of a client in the case rich.
func reading(ctx context.Context, req *ttrpc.Request, resp *ttrpc.Response, _ *ttrpc.UnaryClientInfo, next ttrpc.Invoker) error {
	_, _ = ttrpc.GetMetadataValue(ctx, "tenant")
	return next(ctx, req, resp)
}

func connections(w work) error {
	call := echo(w.msg)
	next := 0
	return w.repeat(func() error {
		client := w.clients[next]
		next = (next + 1) % len(w.clients)
		return call(context.Background(), client)
	})
}
