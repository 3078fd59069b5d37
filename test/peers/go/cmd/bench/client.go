package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/containerd/ttrpc"
	"ttrpc.test/peers/go/internal/endpoint"
)

func clientMain(args []string) error {
	flags := flag.NewFlagSet("bench client", flag.ExitOnError)
	address := flags.String("address", "", "unix:///path, unix:@name or tcp://host:port")
	name := flags.String("case", "unary", "unary, rich, serverStream, clientStream, bidi, connections, idle or once")
	inflight := flags.Int("inflight", 1, "calls or streams in flight")
	size := flags.Int("size", 32, "bytes of text in each message")
	connections := flags.Int("connections", 1, "connections to the server; only connections and idle use more than the first")
	seconds := flags.Float64("seconds", 1, "length of the measurement")
	warmup := flags.Int("warmup-ms", 300, "time before it, not measured")
	_ = flags.Parse(args)

	clients, err := dial(*address, *connections, *name == "rich")
	if err != nil {
		return err
	}
	msg := strings.Repeat("x", *size)
	switch *name {
	case "once":
		return once(clients, msg)
	case "idle":
		return idle(clients, msg)
	}
	run, ok := loads[*name]
	if !ok {
		return fmt.Errorf("unknown case %q", *name)
	}
	window := newWindow(time.Duration(*warmup)*time.Millisecond, time.Duration(*seconds*float64(time.Second)))
	out, err := measure(work{window, clients, msg}, run, *inflight)
	if err != nil {
		return err
	}
	out.Case, out.Inflight, out.Size, out.Connections = *name, *inflight, *size, *connections
	err = printLine(out)
	window.finish()
	return err
}

// dial makes n connections, one after the other. Package os has raised the limit of open files to the hard one.
func dial(address string, n int, intercepted bool) ([]*ttrpc.Client, error) {
	var opts []ttrpc.ClientOpts
	if intercepted {
		opts = append(opts, ttrpc.WithUnaryClientInterceptor(reading))
	}
	clients := make([]*ttrpc.Client, n)
	for i := range clients {
		conn, err := endpoint.Dial(address)
		if err != nil {
			return nil, err
		}
		clients[i] = ttrpc.NewClient(conn, opts...)
	}
	return clients, nil
}

func printLine(line any) error { return json.NewEncoder(os.Stdout).Encode(line) }
