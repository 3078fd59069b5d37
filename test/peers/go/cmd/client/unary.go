package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/containerd/ttrpc"
	"github.com/containerd/ttrpc/example"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"ttrpc.test/peers/go/internal/report"
	"ttrpc.test/peers/go/internal/services"
	"ttrpc.test/peers/go/internal/testpayload"
)

// The limit of ttrpc is on the payload of a frame, which for a unary call is the whole envelope.
const maxEnvelope = 4 << 20

func exampleCalls(c *ttrpc.Client, p params) result {
	ctx, cancel := p.context()
	defer cancel()
	client := example.NewExampleClient(c)
	req := &example.Method1Request{Foo: "first", Bar: "second"}
	resp, err := client.Method1(ctx, req)
	if err != nil {
		return broken(err)
	}
	facts := report.Facts{"foo": resp.Foo, "bar": resp.Bar}
	if resp.Foo != req.Foo || resp.Bar != req.Bar {
		return result{wrong: errors.New("Method1 did not return foo and bar"), facts: facts}
	}
	if _, err := client.Method2(ctx, req); err != nil {
		return broken(err)
	}
	return result{facts: facts}
}

// testCalls is two round trips at a time with metadata, and one with a deadline. The deadline is compared with slack: the
// wire carries the time left, so the handler's is later by the time the request travelled.
func testCalls(c *ttrpc.Client, p params) result {
	call := func(ctx context.Context, text string) (testpayload.Payload, error) {
		resp := testpayload.New()
		ctx = ttrpc.WithMetadata(ctx, ttrpc.MD{"foo": []string{text}})
		err := c.Call(ctx, testpayload.Service, "Test", testpayload.With(text, 0, ""), resp)
		if err == nil && (resp.Foo() != text+text || resp.Metadata() != text) {
			err = fmt.Errorf("foo %q, metadata %q for %q", resp.Foo(), resp.Metadata(), text)
		}
		return resp, err
	}

	texts := []string{"left", "right"}
	errs := make([]error, len(texts))
	var wg sync.WaitGroup
	for i, text := range texts {
		wg.Go(func() {
			resp, err := call(context.Background(), text)
			if err == nil && resp.Deadline() != 0 {
				err = fmt.Errorf("deadline %d without one being set", resp.Deadline())
			}
			errs[i] = err
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return broken(err)
	}

	p.timeout = or(p.timeout, 10*time.Minute)
	ctx, cancel := p.context()
	defer cancel()
	resp, err := call(ctx, "dated")
	if err != nil {
		return broken(err)
	}
	at, _ := ctx.Deadline()
	skew := resp.Deadline() - at.UnixNano()
	r := result{facts: report.Facts{"deadlineSkewNs": skew}}
	// Clocks without nanoseconds round down, hence the allowance below zero.
	if skew < -int64(2*time.Millisecond) || skew > int64(2*time.Second) {
		r.wrong = fmt.Errorf("handler's deadline is off by %v", time.Duration(skew))
	}
	return r
}

func manyUnary(c *ttrpc.Client, p params) result {
	ctx, cancel := p.context()
	defer cancel()
	n, inflight := p.count(1000), or(p.inflight, 32)
	var (
		next   atomic.Int64
		failed atomic.Pointer[error]
		wg     sync.WaitGroup
		start  = time.Now()
	)
	for range inflight {
		wg.Go(func() {
			for failed.Load() == nil {
				i := next.Add(1) - 1
				if i >= int64(n) {
					return
				}
				// Text and number differ for each call, so that swapped replies cannot pass.
				req, resp := &payload{Seq: uint32(i), Msg: fmt.Sprintf("call %d %s", i, strings.Repeat("y", p.size))}, &payload{}
				err := c.Call(ctx, services.StreamingService, "Echo", req, resp)
				if err == nil {
					err = nextEcho(req, resp)
				}
				if err != nil {
					err = fmt.Errorf("call %d: %w", i, err)
					failed.CompareAndSwap(nil, &err)
				}
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return broken(*err)
	}
	return result{facts: report.Facts{"calls": n, "inflight": inflight, "elapsedMs": time.Since(start).Milliseconds()}}
}

// blob sends an echo whose Request envelope has exactly -size bytes. It never sets a deadline: that would be a field more.
func blob(c *ttrpc.Client, p params) result {
	size := or(p.size, maxEnvelope)
	req, err := sized(size)
	if err != nil {
		return broken(err)
	}
	resp := &payload{}
	err = c.Call(context.Background(), services.StreamingService, "Echo", req, resp)
	var oversized *ttrpc.OversizedMessageErr
	r := result{err: err, facts: report.Facts{"envelope": size, "bytes": len(req.Msg), "refusedByClient": errors.As(err, &oversized)}}
	if size <= maxEnvelope {
		if r.wrong = err; err == nil {
			r.wrong = nextEcho(req, resp)
		}
	} else if code, _ := report.Code(err); code != int(codes.ResourceExhausted) {
		r.wrong = fmt.Errorf("code %d, want ResourceExhausted", code)
	}
	checkAlive(c, &r)
	return r
}

// sized finds the echo request that makes the envelope this long. The text's length prefix grows in steps, which leaves gaps
// that a sequence number with more digits fills. The same step in the payload's own prefix cannot be filled: no echo has an
// envelope of 175, 16432 or 2097201 bytes.
func sized(size int) (*payload, error) {
	for _, seq := range []uint32{1, 1 << 7, 1 << 14} {
		msg := size
		for range 8 {
			if msg < 0 {
				break
			}
			req := &payload{Seq: seq, Msg: strings.Repeat("x", msg)}
			body, err := proto.Marshal(req)
			if err != nil {
				return nil, err
			}
			got := proto.Size(&ttrpc.Request{Service: services.StreamingService, Method: "Echo", Payload: body})
			if got == size {
				return req, nil
			}
			msg -= got - size
		}
	}
	return nil, fmt.Errorf("no echo request has an envelope of %d bytes", size)
}

// blobReply asks for a reply with a text of -size bytes. Go's server answers an oversize reply by closing the connection;
// a status ResourceExhausted on that call alone is as good.
func blobReply(c *ttrpc.Client, p params) result {
	ctx, cancel := p.context()
	defer cancel()
	size := or(p.size, 1<<20)
	want := &payload{Seq: uint32(size), Msg: strings.Repeat("x", size)}
	body, err := proto.Marshal(want)
	if err != nil {
		return broken(err)
	}
	envelope := proto.Size(&ttrpc.Response{Payload: body})

	resp := &payload{}
	err = c.Call(ctx, services.PeerService, "Blob", &payload{Seq: uint32(size)}, resp)
	r := result{err: err, facts: report.Facts{"envelope": envelope, "bytes": len(resp.Msg), "closed": errors.Is(err, ttrpc.ErrClosed)}}
	if envelope > maxEnvelope {
		if code, _ := report.Code(err); code != int(codes.ResourceExhausted) && !errors.Is(err, ttrpc.ErrClosed) {
			r.wrong = fmt.Errorf("oversize reply ended with %v", err)
		}
		return r
	}
	if r.wrong = err; err == nil && !proto.Equal(resp, want) {
		r.wrong = errors.New("reply is not the text asked for")
	}
	checkAlive(c, &r)
	return r
}
