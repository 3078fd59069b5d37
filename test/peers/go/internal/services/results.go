package services

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/containerd/ttrpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// ResultsService shows what becomes of everything a handler can return. All messages are EchoPayload; the first one's text
// names the result.
const ResultsService = "ttrpc.test.Results"

// VectorService has the name that the wire vectors of the conformance tests are written for.
const VectorService = "svc"

const (
	lateness = 300 * time.Millisecond
	deafness = time.Second
	overMax  = 4<<20 + 1
)

var results = map[string]func() (any, error){
	"status": func() (any, error) {
		return fail(context.Background(), &payload{Seq: uint32(codes.NotFound), Msg: "inner"})
	},
	"wrapped status":   func() (any, error) { return nil, fmt.Errorf("outer: %w", status.Error(codes.NotFound, "inner")) },
	"EOF":              failing(io.EOF),
	"ErrClosedPipe":    failing(io.ErrClosedPipe),
	"ErrNoProgress":    failing(io.ErrNoProgress),
	"ErrShortBuffer":   failing(io.ErrShortBuffer),
	"ErrShortWrite":    failing(io.ErrShortWrite),
	"ErrUnexpectedEOF": failing(io.ErrUnexpectedEOF),
	"ErrInvalid":       failing(os.ErrInvalid),
	"canceled":         failing(context.Canceled),
	"deadline":         failing(context.DeadlineExceeded),
	"ErrExist":         failing(os.ErrExist),
	"ErrNotExist":      failing(os.ErrNotExist),
	"ErrPermission":    failing(os.ErrPermission),
	"EEXIST":           failing(syscall.EEXIST),
	"ENOTEMPTY":        failing(syscall.ENOTEMPTY),
	"ENOENT":           failing(syscall.ENOENT),
	"EACCES":           failing(syscall.EACCES),
	"EPERM":            failing(syscall.EPERM),
	"EINVAL":           failing(syscall.EINVAL),
	"EPIPE":            failing(syscall.EPIPE),
	"path":             failing(&os.PathError{Op: "open", Path: "/no/such", Err: syscall.ENOENT}),
	"wrapped EOF":      failing(fmt.Errorf("outer: %w", io.EOF)),
	"wrapped missing":  failing(fmt.Errorf("outer: %w", os.ErrNotExist)),
	"wrapped canceled": failing(fmt.Errorf("outer: %w", context.Canceled)),
	"plain":            failing(errors.New("just text")),
	"empty text":       failing(errors.New("")),
	"value and error":  func() (any, error) { return &payload{Seq: 1, Msg: "dropped"}, errors.New("what counts") },
	"nil":              func() (any, error) { return nil, nil },
	"typed nil":        func() (any, error) { return (*payload)(nil), nil },
	"string":           func() (any, error) { return "text", nil },
	"number":           func() (any, error) { return 42, nil },
	"message":          func() (any, error) { return &payload{Seq: 7}, nil },
	"empty message":    func() (any, error) { return &payload{}, nil },
	"large":            func() (any, error) { return &payload{Msg: strings.Repeat("x", overMax)}, nil },
	// After what the handler has sent has surely left.
	"panic": func() (any, error) { time.Sleep(lateness); panic("a handler that panics") },
}

func failing(err error) func() (any, error) { return func() (any, error) { return nil, err } }

func resultOf(name string) (any, error) {
	if result, ok := results[name]; ok {
		return result()
	}
	return nil, status.Errorf(codes.InvalidArgument, "no result is named %q", name)
}

func registerResults(srv *ttrpc.Server) {
	srv.RegisterService(VectorService, &ttrpc.ServiceDesc{
		Methods: map[string]ttrpc.Method{"Echo": unary(func(_ context.Context, req *payload) (*payload, error) { return req, nil })},
	})
	srv.RegisterService(ResultsService, &ttrpc.ServiceDesc{
		Methods: map[string]ttrpc.Method{
			"Return":  returnNamed,
			"Watch":   unary(watch),
			"Watched": unary(watchedText),
		},
		Streams: map[string]ttrpc.Stream{
			"ReturnLast": {Handler: returnLast, StreamingClient: true},
			"SendNamed":  {Handler: sendNamed, StreamingServer: true},
			"ThenReturn": {Handler: thenReturn, StreamingServer: true},
			"Late":       {Handler: late, StreamingClient: true, StreamingServer: true},
			"Deaf":       {Handler: deaf, StreamingClient: true, StreamingServer: true},
		},
	})
}

func returnNamed(_ context.Context, unmarshal func(any) error) (any, error) {
	var req payload
	if err := unmarshal(&req); err != nil {
		return nil, err
	}
	return resultOf(req.Msg)
}

// returnLast is the client-streaming way: the first message names the result, and the client's end brings it.
func returnLast(_ context.Context, stream ttrpc.StreamServer) (any, error) {
	name := ""
	for {
		var msg payload
		err := stream.RecvMsg(&msg)
		if errors.Is(err, io.EOF) {
			return resultOf(name)
		}
		if err != nil {
			return nil, err
		}
		name = msg.Msg
	}
}

// sendNamed sends one good message, then the named value as a message.
func sendNamed(_ context.Context, stream ttrpc.StreamServer) (any, error) {
	var req payload
	if err := stream.RecvMsg(&req); err != nil {
		return nil, err
	}
	if err := stream.SendMsg(&payload{Seq: 1}); err != nil {
		return nil, err
	}
	value, err := resultOf(req.Msg)
	if err != nil {
		return nil, err
	}
	return nil, stream.SendMsg(value)
}

// thenReturn sends one message, waits `seq` milliseconds, sends another, and ends with the named result.
func thenReturn(_ context.Context, stream ttrpc.StreamServer) (any, error) {
	var req payload
	if err := stream.RecvMsg(&req); err != nil {
		return nil, err
	}
	if err := stream.SendMsg(&payload{Seq: 1}); err != nil {
		return nil, err
	}
	time.Sleep(time.Duration(req.Seq) * time.Millisecond)
	if err := stream.SendMsg(&payload{Seq: 2}); err != nil {
		return nil, err
	}
	return resultOf(req.Msg)
}

// late takes one message, or the end, and answers it well after whatever else the client has sent by then.
func late(_ context.Context, stream ttrpc.StreamServer) (any, error) {
	var msg payload
	if err := stream.RecvMsg(&msg); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	time.Sleep(lateness)
	return nil, stream.SendMsg(&payload{Seq: msg.Seq, Msg: "late"})
}

// deaf reads nothing and ignores its context.
func deaf(context.Context, ttrpc.StreamServer) (any, error) {
	time.Sleep(deafness)
	return nil, nil
}

// watched has, by the text of the request, why the context of a Watch call ended.
var watched sync.Map

func watch(ctx context.Context, req *payload) (*payload, error) {
	<-ctx.Done()
	watched.Store(req.Msg, ctx.Err().Error())
	return nil, ctx.Err()
}

// watchedText is empty as long as that call runs.
func watchedText(_ context.Context, req *payload) (*payload, error) {
	text, _ := watched.Load(req.Msg)
	why, _ := text.(string)
	return &payload{Msg: why}, nil
}
