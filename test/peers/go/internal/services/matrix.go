package services

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/containerd/ttrpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// MatrixService is what the matrix of implementations is made with; test/interop/matrix.proto says what it does.
const MatrixService = "ttrpc.test.Matrix"

func registerMatrix(srv *ttrpc.Server) {
	srv.RegisterService(MatrixService, &ttrpc.ServiceDesc{
		Methods: map[string]ttrpc.Method{"Unary": unary(matrixUnary)},
		Streams: map[string]ttrpc.Stream{
			"ServerStream": {Handler: matrixServerStream, StreamingServer: true},
			"ClientStream": {Handler: matrixClientStream, StreamingClient: true},
			"Bidi":         {Handler: matrixBidi, StreamingClient: true, StreamingServer: true},
		},
	})
}

// obey does what the message orders. A blob is the answer; nil leaves it to the method.
func obey(ctx context.Context, order *payload) (*payload, error) {
	word, _, _ := strings.Cut(order.Msg, " ")
	switch word {
	case "fail":
		return nil, status.Error(codes.Code(order.Seq), "as ordered")
	case "wait":
		_, err := sleep(ctx, order)
		return nil, err
	case "blob":
		return &payload{Msg: strings.Repeat("x", int(order.Seq))}, nil
	}
	return nil, nil
}

func matrixUnary(ctx context.Context, order *payload) (*payload, error) {
	if blob, err := obey(ctx, order); blob != nil || err != nil {
		return blob, err
	}
	return &payload{Seq: order.Seq + 1, Msg: order.Msg}, nil
}

func matrixServerStream(ctx context.Context, stream ttrpc.StreamServer) (any, error) {
	var order payload
	if err := stream.RecvMsg(&order); err != nil {
		return nil, err
	}
	blob, err := obey(ctx, &order)
	if err != nil {
		return nil, err
	}
	if blob != nil {
		return nil, stream.SendMsg(blob)
	}
	return nil, count(&payload{Seq: 3, Msg: order.Msg}, stream)
}

func matrixClientStream(ctx context.Context, stream ttrpc.StreamServer) (any, error) {
	var last payload
	for messages := uint32(0); ; messages++ {
		var order payload
		err := stream.RecvMsg(&order)
		if errors.Is(err, io.EOF) {
			if blob, err := obey(ctx, &last); blob != nil || err != nil {
				return blob, err
			}
			return &payload{Seq: messages}, nil
		}
		if err != nil {
			return nil, err
		}
		last = payload{Seq: order.Seq, Msg: order.Msg}
	}
}

func matrixBidi(ctx context.Context, stream ttrpc.StreamServer) (any, error) {
	for {
		var order payload
		err := stream.RecvMsg(&order)
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		answer, err := matrixUnary(ctx, &order)
		if err != nil {
			return nil, err
		}
		if err := stream.SendMsg(answer); err != nil {
			return nil, err
		}
	}
}
