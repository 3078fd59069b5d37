package services

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/containerd/ttrpc"
	"github.com/containerd/ttrpc/integration/streaming"
	"google.golang.org/protobuf/types/known/emptypb"
)

// StreamingService is the wire name; the generated client carries it only inside its methods.
const StreamingService = "ttrpc.integration.streaming.Streaming"

// NullText is what EchoNull and EchoNullStream insist on: they prove that messages arrive whole although the replies are empty.
const NullText = "non-empty empty"

// NullReplies is how many empty messages EchoNullStream sends for each one it receives.
const NullReplies = 10

type streamingService struct{}

func registerStreaming(srv *ttrpc.Server) {
	streaming.RegisterTTRPCStreamingService(srv, streamingService{})
}

func (streamingService) Echo(_ context.Context, req *streaming.EchoPayload) (*streaming.EchoPayload, error) {
	req.Seq++
	return req, nil
}

func (streamingService) EchoStream(_ context.Context, stream streaming.TTRPCStreaming_EchoStreamServer) error {
	return echoAll(stream)
}

func (streamingService) SumStream(_ context.Context, stream streaming.TTRPCStreaming_SumStreamServer) (*streaming.Sum, error) {
	sum := &streaming.Sum{}
	for {
		part, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return sum, nil
		}
		if err != nil {
			return nil, err
		}
		sum.Sum += part.Add
		sum.Num++
	}
}

// DivideStream makes num parts of any size that add up to sum. Zero is among them on purpose: such a part is an empty message.
func (streamingService) DivideStream(_ context.Context, req *streaming.Sum, stream streaming.TTRPCStreaming_DivideStreamServer) error {
	rest := req.Sum
	for i := range req.Num {
		add := (i*37)%101 - 50
		switch i {
		case req.Num - 1:
			add = rest
		case 0:
			add = 0
		}
		rest -= add
		if err := stream.Send(&streaming.Part{Add: add}); err != nil {
			return err
		}
	}
	return nil
}

func (streamingService) EchoNull(_ context.Context, stream streaming.TTRPCStreaming_EchoNullServer) (*emptypb.Empty, error) {
	if err := receiveNumbered(stream.Recv, func() {}); err != nil {
		return nil, err
	}
	return &emptypb.Empty{}, nil
}

// EchoNullStream sends from several goroutines at once, because ttrpc allows that on one stream.
func (streamingService) EchoNullStream(_ context.Context, stream streaming.TTRPCStreaming_EchoNullStreamServer) error {
	var (
		senders sync.WaitGroup
		failed  = make(chan error, 1)
	)
	err := receiveNumbered(stream.Recv, func() {
		for range NullReplies {
			senders.Go(func() {
				if err := stream.Send(&emptypb.Empty{}); err != nil {
					select {
					case failed <- err:
					default:
					}
				}
			})
		}
	})
	// Returning closes the stream, so every sender has to be through by then.
	senders.Wait()
	if err != nil {
		return err
	}
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

// EmptyPayloadStream takes a request that is empty on the wire, the case a server can mistake for "no request".
func (streamingService) EmptyPayloadStream(_ context.Context, _ *emptypb.Empty, stream streaming.TTRPCStreaming_EmptyPayloadStreamServer) error {
	for seq := range uint32(2) {
		if err := stream.Send(&streaming.EchoPayload{Seq: seq + 1}); err != nil {
			return err
		}
	}
	return nil
}

func receiveNumbered(recv func() (*streaming.EchoPayload, error), each func()) error {
	for want := uint32(0); ; want++ {
		msg, err := recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if msg.Seq != want || msg.Msg != NullText {
			return fmt.Errorf("message %d: got seq %d, msg %q", want, msg.Seq, msg.Msg)
		}
		each()
	}
}

func echoAll(stream ttrpc.StreamServer) error {
	for {
		var msg streaming.EchoPayload
		err := stream.RecvMsg(&msg)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		msg.Seq++
		if err := stream.SendMsg(&msg); err != nil {
			return err
		}
	}
}
