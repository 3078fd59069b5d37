package services

import (
	"context"

	"github.com/containerd/ttrpc"
	"ttrpc.test/peers/go/internal/testpayload"
)

// The service of upstream's unary tests. It is registered through the older Register, as upstream does, so that this entry
// point is covered too.
func registerTest(srv *ttrpc.Server) {
	srv.Register(testpayload.Service, map[string]ttrpc.Method{
		"Test": func(ctx context.Context, unmarshal func(any) error) (any, error) {
			req := testpayload.New()
			if err := unmarshal(req); err != nil {
				return nil, err
			}
			var deadline int64
			if at, ok := ctx.Deadline(); ok {
				deadline = at.UnixNano()
			}
			metadata, _ := ttrpc.GetMetadataValue(ctx, "foo")
			return testpayload.With(req.Foo()+req.Foo(), deadline, metadata), nil
		},
	})
}
