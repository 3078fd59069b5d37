package main

import (
	"testing"
	"time"
)

func TestCallsCountWhereTheyEnd(t *testing.T) {
	w := newWindow(time.Second, time.Second)
	at := func(ms int) time.Time { return w.from.Add(time.Duration(ms) * time.Millisecond) }
	w.call(at(-20), at(-10))
	w.call(at(-20), at(10))
	w.call(at(10), at(20))
	w.call(at(990), at(1010))
	if got := w.samples.total(); got != 2 {
		t.Errorf("%d calls count, want 2", got)
	}
}

func TestBatchesCountInPart(t *testing.T) {
	for _, c := range []struct {
		fromMs, toMs int
		want         uint64
	}{{-100, -1, 0}, {-100, 100, 50}, {100, 200, 100}, {900, 1100, 50}, {-500, 1500, 50}, {1000, 1100, 0}} {
		w := newWindow(time.Second, time.Second)
		w.batch(100, w.from.Add(time.Duration(c.fromMs)*time.Millisecond), w.from.Add(time.Duration(c.toMs)*time.Millisecond))
		if got := w.samples.total(); got != c.want {
			t.Errorf("of 100 messages from %d to %d ms %d count, want %d", c.fromMs, c.toMs, got, c.want)
		}
	}
}
