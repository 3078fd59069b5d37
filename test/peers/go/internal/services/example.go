package services

import (
	"context"

	"github.com/containerd/ttrpc"
	"github.com/containerd/ttrpc/example"
	"google.golang.org/protobuf/types/known/emptypb"
)

type exampleService struct{}

func registerExample(srv *ttrpc.Server) { example.RegisterExampleService(srv, exampleService{}) }

func (exampleService) Method1(_ context.Context, req *example.Method1Request) (*example.Method1Response, error) {
	return &example.Method1Response{Foo: req.Foo, Bar: req.Bar}, nil
}

// Method2 is the one with an empty reply, which Go puts on the wire as a Response frame of length zero.
func (exampleService) Method2(context.Context, *example.Method1Request) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}
