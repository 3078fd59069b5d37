// Command faulty accepts connections that break in ways a peer cannot cause from its end of the socket.
//
//	-fault read-error   Go's server, which sees EIO where its client has ended its sending side
//	-fault deaf         no server: the receiving side is shut down and nothing is sent, so that writing to it is EPIPE
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"

	"github.com/containerd/ttrpc"
	"ttrpc.test/peers/go/internal/endpoint"
	"ttrpc.test/peers/go/internal/services"
)

func main() {
	address := flag.String("address", "", "unix:///path, unix:@name or tcp://host:port")
	fault := flag.String("fault", "", "read-error or deaf")
	flag.Parse()
	if err := run(*address, *fault); err != nil {
		fmt.Fprintln(os.Stderr, "faulty:", err)
		os.Exit(1)
	}
}

func run(address, fault string) error {
	l, err := endpoint.Listen(address)
	if err != nil {
		return err
	}
	switch fault {
	case "read-error":
		srv, err := ttrpc.NewServer()
		if err != nil {
			return err
		}
		services.Register(srv)
		go srv.Serve(context.Background(), brokenReads{l})
	case "deaf":
		go acceptDeaf(l)
	default:
		return fmt.Errorf("no fault %q", fault)
	}
	ready := map[string]any{"ready": true, "address": endpoint.Of(l)}
	if err := json.NewEncoder(os.Stdout).Encode(ready); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

type brokenReads struct{ net.Listener }

func (l brokenReads) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return brokenRead{conn}, nil
}

type brokenRead struct{ net.Conn }

func (c brokenRead) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if errors.Is(err, io.EOF) {
		err = &net.OpError{Op: "read", Net: c.LocalAddr().Network(), Err: os.NewSyscallError("read", syscall.EIO)}
	}
	return n, err
}

func acceptDeaf(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		if half, ok := conn.(interface{ CloseRead() error }); ok {
			_ = half.CloseRead()
		}
	}
}
