// Command matrix is the client's half of the matrix of implementations: every kind of call with every outcome, each on a
// connection of its own, one JSON line each.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/containerd/ttrpc"
	"github.com/containerd/ttrpc/integration/streaming"
	"ttrpc.test/peers/go/internal/endpoint"
	"ttrpc.test/peers/go/internal/report"
	"ttrpc.test/peers/go/internal/services"
)

type payload = streaming.EchoPayload

const (
	maxPayload  = 4 << 20
	deadline    = 150 * time.Millisecond
	cancelAfter = 50 * time.Millisecond
	// How long to wait for an end that nobody may send.
	patience = 20 * time.Second
)

var (
	kinds    = []string{"unary", "serverStream", "clientStream", "bidi"}
	outcomes = []string{"ok", "error", "deadline", "cancel", "oversize request", "oversize response"}
)

// cell is one line. End is ok, wrong, status, own (the client's own error), closed or none; Extra counts empty messages that
// nobody sent on purpose, in calls that end well: in others it depends on when they end.
type cell struct {
	Kind    string `json:"kind"`
	Outcome string `json:"outcome"`
	End     string `json:"end"`
	Code    int    `json:"code"`
	Text    string `json:"text"`
	Extra   int    `json:"extra"`
	Alive   bool   `json:"alive"`
}

func main() {
	address := flag.String("address", "", "unix:///path, unix:@name or tcp://host:port")
	flag.Parse()

	cells := make([]cell, 0, len(kinds)*len(outcomes))
	for _, kind := range kinds {
		for _, outcome := range outcomes {
			cells = append(cells, cell{Kind: kind, Outcome: outcome})
		}
	}
	failed := make([]error, len(cells))
	var wg sync.WaitGroup
	for i := range cells {
		wg.Go(func() { failed[i] = cells[i].fill(*address) })
	}
	wg.Wait()
	if err := errors.Join(failed...); err != nil {
		fmt.Fprintln(os.Stderr, "matrix:", err)
		os.Exit(1)
	}
	out := json.NewEncoder(os.Stdout)
	for _, c := range cells {
		if err := out.Encode(c); err != nil {
			os.Exit(1)
		}
	}
}

func order(outcome string) *payload {
	switch outcome {
	case "error":
		return &payload{Seq: 5, Msg: "fail"}
	case "deadline":
		return &payload{Seq: 60_000, Msg: "wait"}
	case "cancel":
		return &payload{Seq: 250, Msg: "wait"}
	case "oversize request":
		return &payload{Msg: "answer " + strings.Repeat("x", maxPayload)}
	case "oversize response":
		return &payload{Seq: maxPayload, Msg: "blob"}
	}
	return &payload{Seq: 3, Msg: "answer"}
}

func (c *cell) fill(address string) error {
	conn, err := endpoint.Dial(address)
	if err != nil {
		return err
	}
	client := ttrpc.NewClient(conn)
	defer client.Close()

	// Patience is no deadline: that would be sent.
	ctx, cancel := context.WithCancel(context.Background())
	switch c.Outcome {
	case "deadline":
		ctx, cancel = context.WithTimeout(ctx, deadline)
	case "cancel":
		time.AfterFunc(cancelAfter, cancel)
	default:
		time.AfterFunc(patience, cancel)
	}
	defer cancel()
	c.judge(c.perform(ctx, client, order(c.Outcome)))
	if c.End != "ok" {
		c.Extra = 0
	}

	// Behind the late answer of a call that was given up.
	check := &payload{Seq: 300, Msg: "answer"}
	if c.Outcome == "cancel" {
		check.Msg = "wait"
	}
	ctx, stop := context.WithTimeout(context.Background(), 5*time.Second)
	defer stop()
	var reply payload
	c.Alive = client.Call(ctx, services.MatrixService, "Unary", check, &reply) == nil && reply.Seq == 301
	return nil
}

func (c *cell) judge(wrong string, err error) {
	switch {
	case err == nil && wrong == "":
		c.End = "ok"
	case err == nil:
		c.End, c.Text = "wrong", wrong
	case errors.Is(err, ttrpc.ErrClosed):
		c.End, c.Code, c.Text = "closed", report.NoStatus, err.Error()
	case errors.Is(err, context.DeadlineExceeded):
		c.End, c.Code, c.Text = "own", 4, err.Error()
	case errors.Is(err, context.Canceled) && c.Outcome != "cancel":
		c.End, c.Code, c.Text = "none", report.NoStatus, fmt.Sprintf("nothing within %v", patience)
	case errors.Is(err, context.Canceled):
		c.End, c.Code, c.Text = "own", 1, err.Error()
	default:
		c.End = "status"
		c.Code, c.Text = report.Code(err)
		if c.Code == report.NoStatus {
			c.End = "own"
		}
	}
}

// perform says what is wrong with the answer: nothing, if it is right.
func (c *cell) perform(ctx context.Context, client *ttrpc.Client, order *payload) (string, error) {
	if c.Kind == "unary" {
		var reply payload
		err := client.Call(ctx, services.MatrixService, "Unary", order, &reply)
		return unless(reply.Seq == order.Seq+1 && reply.Msg == order.Msg, reply.Seq), err
	}
	var (
		desc   = &ttrpc.StreamDesc{StreamingClient: c.Kind != "serverStream", StreamingServer: c.Kind != "clientStream"}
		method = map[string]string{"serverStream": "ServerStream", "clientStream": "ClientStream", "bidi": "Bidi"}[c.Kind]
		first  = &payload{Seq: 1, Msg: "answer"}
		req    any
	)
	if c.Kind == "serverStream" {
		req = order
	}
	stream, err := client.NewStream(ctx, desc, services.MatrixService, method, req)
	if err != nil {
		return "", err
	}
	switch c.Kind {
	case "serverStream":
		var seqs []uint32
		for {
			reply, err := c.recv(stream)
			if errors.Is(err, io.EOF) {
				return unless(len(seqs) == 3 && seqs[0] == 0 && seqs[2] == 2, seqs), nil
			}
			if err != nil {
				return "", err
			}
			seqs = append(seqs, reply.Seq)
		}
	case "clientStream":
		if err := errors.Join(stream.SendMsg(first), stream.SendMsg(order)); err != nil {
			return "", err
		}
		if err := stream.CloseSend(); err != nil {
			return "", err
		}
		reply := &payload{}
		if err := stream.RecvMsg(reply); err != nil {
			return "", err
		}
		c.Extra = int(reply.Seq) - 2
		return unless(reply.Seq >= 2, reply.Seq), nil
	}
	for _, msg := range []*payload{first, order} {
		if err := stream.SendMsg(msg); err != nil {
			return "", err
		}
		reply, err := c.recv(stream)
		if err != nil {
			return "", err
		}
		if reply.Seq != msg.Seq+1 {
			return fmt.Sprint(reply.Seq), nil
		}
	}
	if err := stream.CloseSend(); err != nil {
		return "", err
	}
	if _, err := c.recv(stream); !errors.Is(err, io.EOF) {
		return fmt.Sprintf("%v in place of the end", err), nil
	}
	return "", nil
}

// recv counts answers to messages that were not sent, and goes on.
func (c *cell) recv(stream ttrpc.ClientStream) (*payload, error) {
	for {
		reply := &payload{}
		if err := stream.RecvMsg(reply); err != nil || reply.Msg != "" {
			return reply, err
		}
		c.Extra++
	}
}

func unless(right bool, got any) string {
	if right {
		return ""
	}
	return fmt.Sprint(got)
}
