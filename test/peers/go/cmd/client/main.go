// Command client is Go's ttrpc client for the tests of the TypeScript server: it runs one case and prints one JSON line.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/containerd/ttrpc"
	"ttrpc.test/peers/go/internal/endpoint"
	"ttrpc.test/peers/go/internal/report"
)

// params are the flags a case may look at; zero means "the case's own default".
type params struct {
	n        int
	inflight int
	size     int
	timeout  time.Duration
}

func (p params) count(otherwise int) int { return or(p.n, otherwise) }

// context gives calls a deadline only when one was asked for: a deadline changes the bytes of every request.
func (p params) context() (context.Context, context.CancelFunc) {
	if p.timeout > 0 {
		return context.WithTimeout(context.Background(), p.timeout)
	}
	return context.WithCancel(context.Background())
}

func or[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

func main() {
	var (
		p       params
		address = flag.String("address", "", "unix:///path, unix:@name, tcp://host:port or vsock://cid:port")
		name    = flag.String("case", "", "case to run, all (the integration cases) or every (all that leave the server alive)")
		timeout = flag.Int("timeout-ms", 0, "deadline of the calls; 0 is none")
		limit   = flag.Int("limit-ms", 30000, "report a case as failed when it takes longer than this")
	)
	flag.IntVar(&p.n, "n", 0, "number of calls, messages or streams")
	flag.IntVar(&p.inflight, "inflight", 0, "calls in flight")
	flag.IntVar(&p.size, "size", 0, "bytes")
	flag.Parse()
	p.timeout = time.Duration(*timeout) * time.Millisecond

	selected, err := pick(*name)
	if err != nil {
		fail(err)
	}
	conn, err := endpoint.Dial(*address)
	if err != nil {
		fail(err)
	}
	client := ttrpc.NewClient(conn)
	defer client.Close()

	for _, c := range selected {
		outcome, hung := run(c, client, p, time.Duration(*limit)*time.Millisecond)
		if err := report.Write(os.Stdout, outcome); err != nil {
			fail(err)
		}
		if hung {
			// The connection still carries the case that hung, so nothing after it could be judged.
			return
		}
	}
}

// result is what a case has to say: how the last call under test ended, why that is wrong (nil if it is right), and facts.
type result struct {
	err   error
	wrong error
	facts report.Facts
}

// A peer that never answers has to become a line of output, not a test that hangs.
func run(c namedCase, client *ttrpc.Client, p params, limit time.Duration) (outcome report.Outcome, hung bool) {
	done := make(chan result, 1)
	go func() { done <- c.run(client, p) }()
	var r result
	select {
	case r = <-done:
	case <-time.After(limit):
		hung = true
		r.wrong = fmt.Errorf("no result within %v", limit)
		r.err = r.wrong
	}
	outcome = report.Outcome{Case: c.name, OK: r.wrong == nil, Facts: r.facts}
	outcome.Code, outcome.Text = report.Code(r.err)
	if r.wrong != nil {
		outcome.Error = r.wrong.Error()
	}
	return outcome, hung
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "client:", err)
	os.Exit(1)
}
