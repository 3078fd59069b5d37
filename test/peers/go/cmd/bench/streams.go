package main

import (
	"context"
	"fmt"
	"time"

	"github.com/containerd/ttrpc"
	"github.com/containerd/ttrpc/integration/streaming"
	"ttrpc.test/peers/go/internal/services"
)

// perStream is few enough messages that a stream ends soon after the window, and enough that its beginning does not count.
func perStream(size int) uint32 { return uint32(min(max((16<<20)/(size+16), 100), 100_000)) }

// serverStream counts messages of Peer/Count. Its latency is the time between two messages, so the percentiles say how
// bursty the delivery is. What is left of the last stream is read when the result is out: it must not delay that, and a
// server whose client hangs up in the middle complains.
func serverStream(w work) error {
	n := perStream(len(w.msg))
	req := &streaming.EchoPayload{Seq: n, Msg: w.msg}
	msg := &streaming.EchoPayload{}
	for from := time.Now(); from.Before(w.to); {
		s, err := w.clients[0].NewStream(context.Background(), &ttrpc.StreamDesc{StreamingServer: true}, services.PeerService, "Count", req)
		if err != nil {
			return err
		}
		for seq := uint32(0); seq < n && from.Before(w.to); seq++ {
			if err := s.RecvMsg(msg); err != nil {
				return err
			}
			if err := check(msg, seq, w.msg); err != nil {
				return err
			}
			to := time.Now()
			w.call(from, to)
			from = to
		}
		if !from.Before(w.to) {
			w.later(func() {
				for s.RecvMsg(msg) == nil {
				}
			})
		}
	}
	return nil
}

// betweenLooks is how many messages are sent without a look at the clock.
const betweenLooks = 100

// clientStream counts messages of Peer/Collect when its answer says that they have come. Latency is a message's share of
// the stream's time. A stream is cut short at the end of the window, so that both sides soon rest.
func clientStream(w work) error {
	n := perStream(len(w.msg))
	msg := &streaming.EchoPayload{Msg: w.msg}
	sum := &streaming.EchoPayload{}
	for from := time.Now(); from.Before(w.to); {
		s, err := w.clients[0].NewStream(context.Background(), &ttrpc.StreamDesc{StreamingClient: true}, services.PeerService, "Collect", nil)
		if err != nil {
			return err
		}
		sent := uint32(0)
		for sent < n && (sent%betweenLooks != 0 || time.Now().Before(w.to)) {
			msg.Seq = sent
			if err := s.SendMsg(msg); err != nil {
				return err
			}
			sent++
		}
		if err := s.CloseSend(); err != nil {
			return err
		}
		if err := s.RecvMsg(sum); err != nil {
			return err
		}
		if sum.Seq != sent {
			return fmt.Errorf("%d messages were sent and %d arrived", sent, sum.Seq)
		}
		to := time.Now()
		w.batch(uint64(sent), from, to)
		from = to
	}
	return nil
}

// bidi is one stream: a message out, a message back.
func bidi(w work) error {
	s, err := w.clients[0].NewStream(context.Background(), &ttrpc.StreamDesc{StreamingClient: true, StreamingServer: true}, services.StreamingService, "EchoStream", nil)
	if err != nil {
		return err
	}
	req := &streaming.EchoPayload{Seq: 1, Msg: w.msg}
	resp := &streaming.EchoPayload{}
	return w.repeat(func() error {
		if err := s.SendMsg(req); err != nil {
			return err
		}
		if err := s.RecvMsg(resp); err != nil {
			return err
		}
		return check(resp, 2, w.msg)
	})
}
