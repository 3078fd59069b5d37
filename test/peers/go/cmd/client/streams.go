package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/containerd/ttrpc"
	"google.golang.org/grpc/codes"
	"ttrpc.test/peers/go/internal/report"
	"ttrpc.test/peers/go/internal/services"
)

var (
	serverStream = &ttrpc.StreamDesc{StreamingServer: true}
	clientStream = &ttrpc.StreamDesc{StreamingClient: true}
	bidiStream   = &ttrpc.StreamDesc{StreamingClient: true, StreamingServer: true}
)

func open(ctx context.Context, c *ttrpc.Client, desc *ttrpc.StreamDesc, method string, req *payload) (ttrpc.ClientStream, error) {
	if req == nil {
		// A typed nil would count as a request.
		return c.NewStream(ctx, desc, services.PeerService, method, nil)
	}
	return c.NewStream(ctx, desc, services.PeerService, method, req)
}

// receiveCount reads n numbered messages in order and returns how many came before an error or a wrong one.
func receiveCount(stream ttrpc.ClientStream, n int, text string) (int, error) {
	for i := range n {
		var msg payload
		if err := stream.RecvMsg(&msg); err != nil {
			return i, err
		}
		if msg.Seq != uint32(i) || msg.Msg != text {
			return i, fmt.Errorf("message %d has seq %d and %d bytes", i, msg.Seq, len(msg.Msg))
		}
	}
	return n, nil
}

func countStream(c *ttrpc.Client, p params) result {
	ctx, cancel := p.context()
	defer cancel()
	n, text := p.count(1000), strings.Repeat("z", or(p.size, 16))
	start := time.Now()
	stream, err := open(ctx, c, serverStream, "Count", &payload{Seq: uint32(n), Msg: text})
	if err != nil {
		return broken(err)
	}
	received, err := receiveCount(stream, n, text)
	if err != nil {
		return result{err: err, wrong: err, facts: report.Facts{"received": received}}
	}
	err = stream.RecvMsg(&payload{})
	return result{wrong: wantEOF(err), facts: report.Facts{"received": received, "elapsedMs": time.Since(start).Milliseconds()}}
}

// failAfter: the messages before the error have to arrive, then the status.
func failAfter(c *ttrpc.Client, p params) result {
	ctx, cancel := p.context()
	defer cancel()
	n, text := p.count(20), "gone after that"
	stream, err := open(ctx, c, serverStream, "FailAfter", &payload{Seq: uint32(n), Msg: text})
	if err != nil {
		return broken(err)
	}
	received, err := receiveCount(stream, n, text)
	if err == nil {
		err = stream.RecvMsg(&payload{})
	}
	r := refused(c, err, int(codes.NotFound), text)
	r.facts["received"] = received
	if received != n && r.wrong == nil {
		r.wrong = fmt.Errorf("%d messages before the error, want %d", received, n)
	}
	return r
}

func collect(c *ttrpc.Client, p params) result {
	ctx, cancel := p.context()
	defer cancel()
	n, text := p.count(200), strings.Repeat("c", or(p.size, 100))
	stream, err := open(ctx, c, clientStream, "Collect", nil)
	if err != nil {
		return broken(err)
	}
	for i := range n {
		if err := stream.SendMsg(&payload{Seq: uint32(i), Msg: text}); err != nil {
			return broken(err)
		}
	}
	if err := stream.CloseSend(); err != nil {
		return broken(err)
	}
	var sum payload
	if err := stream.RecvMsg(&sum); err != nil {
		return broken(err)
	}
	r := result{facts: report.Facts{"messages": sum.Seq, "bytes": sum.Msg}}
	if want := strconv.Itoa(n * len(text)); sum.Seq != uint32(n) || sum.Msg != want {
		r.wrong = fmt.Errorf("server counted %d messages and %s bytes, want %d and %s", sum.Seq, sum.Msg, n, want)
	}
	return r
}

// streams opens them all before the first message, so that they are open together whatever the scheduler does.
func streams(c *ttrpc.Client, p params) result {
	ctx, cancel := p.context()
	defer cancel()
	n := p.count(100)
	opened := make([]ttrpc.ClientStream, n)
	for i := range opened {
		stream, err := open(ctx, c, bidiStream, "Echo2", nil)
		if err != nil {
			return broken(fmt.Errorf("stream %d: %w", i, err))
		}
		opened[i] = stream
	}
	const rounds = 10
	errs := make([]error, n)
	start := time.Now()
	var wg sync.WaitGroup
	for i, stream := range opened {
		wg.Go(func() {
			if err := pingPong(stream, i, rounds, p.size); err != nil {
				errs[i] = fmt.Errorf("stream %d: %w", i, err)
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return broken(err)
		}
	}
	return result{facts: report.Facts{"streams": n, "rounds": rounds, "elapsedMs": time.Since(start).Milliseconds()}}
}

func pingPong(stream ttrpc.ClientStream, id, rounds, size int) error {
	for round := range rounds {
		req := &payload{Seq: uint32(id*rounds + round), Msg: fmt.Sprintf("stream %d %s", id, strings.Repeat("s", size))}
		if err := stream.SendMsg(req); err != nil {
			return err
		}
		var resp payload
		if err := stream.RecvMsg(&resp); err != nil {
			return err
		}
		if err := nextEcho(req, &resp); err != nil {
			return err
		}
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	return wantEOF(stream.RecvMsg(&payload{}))
}

// holdKill tells the test that the stream is open and then waits for the test to end the server. The echo in between makes
// sure the server has read the stream's request, which is ahead of it on the same connection.
func holdKill(c *ttrpc.Client, p params) result {
	ctx, cancel := p.context()
	defer cancel()
	stream, err := open(ctx, c, bidiStream, "Hold", nil)
	if err != nil {
		return broken(err)
	}
	if err := stream.SendMsg(&payload{Seq: 1, Msg: "hold"}); err != nil {
		return broken(err)
	}
	if err := c.Call(ctx, services.StreamingService, "Echo", &payload{}, &payload{}); err != nil {
		return broken(err)
	}
	fmt.Fprintln(os.Stdout, `{"holding":true}`)
	start := time.Now()
	err = stream.RecvMsg(&payload{})
	r := closed(err)
	r.facts["eof"] = errors.Is(err, io.EOF)
	r.facts["elapsedMs"] = time.Since(start).Milliseconds()
	return r
}
