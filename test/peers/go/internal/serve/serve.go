// Package serve is the life of a server process under a test: say when it listens, stop when the test lets go of it.
package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/containerd/ttrpc"
	"ttrpc.test/peers/go/internal/endpoint"
	"ttrpc.test/peers/go/internal/services"
)

// Run serves every service on address until stdin ends or a stop signal comes. Waiting for stdin keeps a server from
// outliving the test that started it, whatever happened to the test.
//
// With a grace of zero the calls in flight are cut; otherwise ttrpc's Shutdown has that long to drain them.
func Run(address string, grace time.Duration, opts ...ttrpc.ServerOpt) error {
	srv, err := ttrpc.NewServer(opts...)
	if err != nil {
		return err
	}
	services.Register(srv)
	l, err := endpoint.Listen(address)
	if err != nil {
		return err
	}

	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, os.Interrupt)

	served := make(chan error, 1)
	go func() { served <- srv.Serve(context.Background(), l) }()

	ready := struct {
		Ready   bool   `json:"ready"`
		Address string `json:"address"`
	}{true, endpoint.Of(l)}
	if err := json.NewEncoder(os.Stdout).Encode(ready); err != nil {
		return err
	}

	select {
	case err := <-served:
		return err
	case <-stop:
	case <-stdinEnd():
	}
	if grace > 0 {
		ctx, cancel := context.WithTimeout(context.Background(), grace)
		defer cancel()
		if err := srv.Shutdown(ctx); err != nil {
			fmt.Fprintf(os.Stderr, "calls still in flight after %v are cut: %v\n", grace, err)
		}
	} else if err := srv.Close(); err != nil {
		return err
	}
	if err := <-served; !errors.Is(err, ttrpc.ErrServerClosed) {
		return err
	}
	return nil
}

func stdinEnd() <-chan struct{} {
	ended := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(ended)
	}()
	return ended
}
