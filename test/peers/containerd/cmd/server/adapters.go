package main

import (
	"context"

	contentapi "github.com/containerd/containerd/api/services/content/v1"
	streamingapi "github.com/containerd/containerd/api/services/streaming/v1"
	"github.com/containerd/ttrpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/anypb"
)

// grpcStream is a ttrpc stream as services written for gRPC see it. containerd has both interfaces and nothing between them.
type grpcStream[In, Out any] struct {
	ttrpc.StreamServer
	ctx context.Context
}

func (s grpcStream[In, Out]) Context() context.Context   { return s.ctx }
func (grpcStream[In, Out]) SetHeader(metadata.MD) error  { return nil }
func (grpcStream[In, Out]) SendHeader(metadata.MD) error { return nil }
func (grpcStream[In, Out]) SetTrailer(metadata.MD)       {}
func (s grpcStream[In, Out]) Send(m *Out) error          { return s.SendMsg(m) }

func (s grpcStream[In, Out]) Recv() (*In, error) {
	m := new(In)
	if err := s.RecvMsg(m); err != nil {
		return nil, err
	}
	return m, nil
}

type contentService struct{ contentapi.ContentServer }

func (s contentService) List(ctx context.Context, req *contentapi.ListContentRequest, stream contentapi.TTRPCContent_ListServer) error {
	return s.ContentServer.List(req, grpcStream[contentapi.ListContentRequest, contentapi.ListContentResponse]{stream, ctx})
}

func (s contentService) Read(ctx context.Context, req *contentapi.ReadContentRequest, stream contentapi.TTRPCContent_ReadServer) error {
	return s.ContentServer.Read(req, grpcStream[contentapi.ReadContentRequest, contentapi.ReadContentResponse]{stream, ctx})
}

func (s contentService) Write(ctx context.Context, stream contentapi.TTRPCContent_WriteServer) error {
	return s.ContentServer.Write(grpcStream[contentapi.WriteContentRequest, contentapi.WriteContentResponse]{stream, ctx})
}

type streamingService struct{ streamingapi.StreamingServer }

func (s streamingService) Stream(ctx context.Context, stream streamingapi.TTRPCStreaming_StreamServer) error {
	return s.StreamingServer.Stream(grpcStream[anypb.Any, anypb.Any]{stream, ctx})
}
