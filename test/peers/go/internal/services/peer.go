package services

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/containerd/ttrpc"
	"github.com/containerd/ttrpc/integration/streaming"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// PeerService is ours: one method for each behaviour a test wants to see from the other side. All messages but those of EchoBytes are EchoPayload.
const PeerService = "ttrpc.test.Peer"

// DieExitCode is the exit code of a server that was asked to die.
const DieExitCode = 3

type payload = streaming.EchoPayload

// FailDetail travels with every error of Fail.
func FailDetail() *durationpb.Duration { return durationpb.New(1500 * time.Millisecond) }

func registerPeer(srv *ttrpc.Server) {
	srv.RegisterService(PeerService, &ttrpc.ServiceDesc{
		Methods: map[string]ttrpc.Method{
			"Fail":       unary(fail),
			"PlainError": unary(plainError),
			"Sleep":      unary(sleep),
			"Deadline":   unary(remaining),
			"Metadata":   unary(metadata),
			"Blob":       unary(blob),
			"Nil":        unary(func(context.Context, *payload) (*payload, error) { return nil, nil }),
			"Die":        unary(die),
			"EchoBytes":  echoBytes,
		},
		Streams: map[string]ttrpc.Stream{
			"Count":     {Handler: serverStream(count), StreamingServer: true},
			"FailAfter": {Handler: serverStream(failAfter), StreamingServer: true},
			"Collect":   {Handler: collect, StreamingClient: true},
			"Echo2":     {Handler: echo2, StreamingClient: true, StreamingServer: true},
			"Hold":      {Handler: hold, StreamingClient: true, StreamingServer: true},
		},
	})
}

func unary(handle func(context.Context, *payload) (*payload, error)) ttrpc.Method {
	return func(ctx context.Context, unmarshal func(any) error) (any, error) {
		var req payload
		if err := unmarshal(&req); err != nil {
			return nil, err
		}
		return handle(ctx, &req)
	}
}

func serverStream(handle func(*payload, ttrpc.StreamServer) error) ttrpc.StreamHandler {
	return func(_ context.Context, stream ttrpc.StreamServer) (any, error) {
		var req payload
		if err := stream.RecvMsg(&req); err != nil {
			return nil, err
		}
		return nil, handle(&req, stream)
	}
}

func echoBytes(_ context.Context, unmarshal func(any) error) (any, error) {
	var req wrapperspb.BytesValue
	if err := unmarshal(&req); err != nil {
		return nil, err
	}
	return &req, nil
}

// fail with code 0 is a success: a status of OK is no error.
func fail(_ context.Context, req *payload) (*payload, error) {
	if codes.Code(req.Seq) == codes.OK {
		return req, nil
	}
	st, err := status.New(codes.Code(req.Seq), req.Msg).WithDetails(FailDetail())
	if err != nil {
		return nil, err
	}
	return nil, st.Err()
}

func plainError(_ context.Context, req *payload) (*payload, error) { return nil, errors.New(req.Msg) }

func sleep(ctx context.Context, req *payload) (*payload, error) {
	timer := time.NewTimer(time.Duration(req.Seq) * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
		return req, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func remaining(ctx context.Context, req *payload) (*payload, error) {
	text := "none"
	if at, ok := ctx.Deadline(); ok {
		text = strconv.FormatInt(time.Until(at).Milliseconds(), 10)
	}
	return &payload{Seq: req.Seq, Msg: text}, nil
}

func metadata(ctx context.Context, req *payload) (*payload, error) {
	md, _ := ttrpc.GetMetadata(ctx)
	if md == nil {
		md = ttrpc.MD{}
	}
	// encoding/json sorts map keys. HTML escaping would only make the text harder to compare.
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(md); err != nil {
		return nil, err
	}
	return &payload{Seq: req.Seq, Msg: strings.TrimSpace(text.String())}, nil
}

func blob(_ context.Context, req *payload) (*payload, error) {
	return &payload{Seq: req.Seq, Msg: strings.Repeat("x", int(req.Seq))}, nil
}

// die skips every clean-up on purpose: the peer has to see what a crashed process leaves behind.
func die(context.Context, *payload) (*payload, error) {
	os.Exit(DieExitCode)
	return nil, nil
}

func count(req *payload, stream ttrpc.StreamServer) error {
	for seq := range req.Seq {
		if err := stream.SendMsg(&payload{Seq: seq, Msg: req.Msg}); err != nil {
			return err
		}
	}
	return nil
}

func failAfter(req *payload, stream ttrpc.StreamServer) error {
	if err := count(req, stream); err != nil {
		return err
	}
	return status.Error(codes.NotFound, req.Msg)
}

func collect(_ context.Context, stream ttrpc.StreamServer) (any, error) {
	var messages uint32
	var total int64
	for {
		var msg payload
		err := stream.RecvMsg(&msg)
		if errors.Is(err, io.EOF) {
			return &payload{Seq: messages, Msg: strconv.FormatInt(total, 10)}, nil
		}
		if err != nil {
			return nil, err
		}
		messages++
		total += int64(len(msg.Msg))
	}
}

func echo2(_ context.Context, stream ttrpc.StreamServer) (any, error) { return nil, echoAll(stream) }

func hold(ctx context.Context, stream ttrpc.StreamServer) (any, error) {
	var msg payload
	if err := stream.RecvMsg(&msg); err != nil {
		return nil, err
	}
	<-ctx.Done()
	return nil, ctx.Err()
}
