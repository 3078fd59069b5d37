package main

import (
	"context"
	"flag"

	"github.com/containerd/ttrpc"
	"ttrpc.test/peers/go/internal/serve"
)

// serverMain adds one line when it stops: what the whole run cost this side, which the client cannot see.
func serverMain(args []string) error {
	flags := flag.NewFlagSet("bench server", flag.ExitOnError)
	address := flags.String("address", "", "unix:///path, unix:@name or tcp://host:port")
	intercepted := flags.Bool("interceptor", false, "run an interceptor around each unary call")
	_ = flags.Parse(args)
	var opts []ttrpc.ServerOpt
	if *intercepted {
		opts = append(opts, ttrpc.WithUnaryServerInterceptor(interceptor))
	}
	if err := serve.Run(*address, 0, opts...); err != nil {
		return err
	}
	used := cpu()
	return printLine(map[string]any{
		"stopped":   true,
		"cpuUserMs": used.user.Milliseconds(),
		"cpuSysMs":  used.sys.Milliseconds(),
	})
}

// interceptor does what one of a real program does at least: it looks at the metadata.
func interceptor(ctx context.Context, unmarshal ttrpc.Unmarshaler, _ *ttrpc.UnaryServerInfo, method ttrpc.Method) (any, error) {
	_, _ = ttrpc.GetMetadataValue(ctx, "tenant")
	return method(ctx, unmarshal)
}
