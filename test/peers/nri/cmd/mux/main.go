// Command mux is NRI's multiplexer with Go's ttrpc on two connections of it: a server on 2, a client on 1.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/containerd/nri/pkg/net/multiplex"
	"github.com/containerd/ttrpc"
	"github.com/containerd/ttrpc/integration/streaming"
	"google.golang.org/protobuf/types/known/emptypb"
)

// service answers as upstream's integration service does, as far as the tests need it.
type service struct {
	streaming.TTRPCStreamingService
}

func (service) Echo(_ context.Context, m *streaming.EchoPayload) (*streaming.EchoPayload, error) {
	return &streaming.EchoPayload{Seq: m.Seq + 1, Msg: m.Msg}, nil
}

func (service) EchoStream(_ context.Context, s streaming.TTRPCStreaming_EchoStreamServer) error {
	for {
		m, err := s.Recv()
		if err != nil {
			return nil
		}
		if err := s.Send(&streaming.EchoPayload{Seq: m.Seq + 1, Msg: m.Msg}); err != nil {
			return err
		}
	}
}

func (service) SumStream(_ context.Context, s streaming.TTRPCStreaming_SumStreamServer) (*streaming.Sum, error) {
	sum := &streaming.Sum{}
	for {
		part, err := s.Recv()
		if err != nil {
			return sum, nil
		}
		sum.Sum += part.Add
		sum.Num++
	}
}

func (service) DivideStream(_ context.Context, sum *streaming.Sum, s streaming.TTRPCStreaming_DivideStreamServer) error {
	for i := int32(0); i < sum.Num; i++ {
		if err := s.Send(&streaming.Part{Add: sum.Sum / sum.Num}); err != nil {
			return err
		}
	}
	return nil
}

func (service) EchoNull(context.Context, streaming.TTRPCStreaming_EchoNullServer) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// command is one line of stdin: calls of Echo with texts of From to To bytes, InFlight at a time.
type command struct {
	From, To, Step, InFlight int
}

func run(client streaming.TTRPCStreamingClient, c command) error {
	sizes := make(chan int)
	failed := make(chan error, c.InFlight)
	var group sync.WaitGroup
	for i := 0; i < c.InFlight; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for size := range sizes {
				if err := echo(client, size); err != nil {
					failed <- err
					return
				}
			}
		}()
	}
	for size := c.From; size <= c.To; size += c.Step {
		select {
		case sizes <- size:
		case err := <-failed:
			return err
		}
	}
	close(sizes)
	group.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

func echo(client streaming.TTRPCStreamingClient, size int) error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	text := strings.Repeat("g", size)
	reply, err := client.Echo(ctx, &streaming.EchoPayload{Seq: uint32(size), Msg: text})
	if err != nil {
		return fmt.Errorf("echo of %d bytes: %w", size, err)
	}
	if reply.Seq != uint32(size)+1 || reply.Msg != text {
		return fmt.Errorf("echo of %d bytes came back as another", size)
	}
	return nil
}

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, "mux:", err)
		os.Exit(1)
	}
	return value
}

func main() {
	path := flag.String("path", "", "unix socket to listen on, for one connection")
	flag.Parse()
	listener := must(net.Listen("unix", *path))
	fmt.Printf("{\"ready\":true}\n")
	trunk := must(listener.Accept())
	mux := multiplex.Multiplex(trunk, multiplex.WithBlockedRead())
	client := streaming.NewTTRPCStreamingClient(ttrpc.NewClient(must(mux.Open(multiplex.PluginServiceConn))))
	server := must(ttrpc.NewServer())
	streaming.RegisterTTRPCStreamingService(server, service{})
	connection := must(mux.Listen(multiplex.RuntimeServiceConn))
	go func() { _ = server.Serve(context.Background(), connection) }()
	mux.Unblock()

	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var c command
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			fmt.Fprintln(os.Stderr, "mux:", err)
			os.Exit(1)
		}
		answer := map[string]any{"error": ""}
		if err := run(client, c); err != nil {
			answer["error"] = err.Error()
		}
		_ = json.NewEncoder(os.Stdout).Encode(answer)
	}
	mux.Close()
}
