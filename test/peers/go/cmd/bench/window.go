package main

import (
	"sync"
	"time"
)

// window is the measured time and what was seen in it. All workers share one.
type window struct {
	from, to time.Time
	samples  histogram

	mu   sync.Mutex
	rest []func()
}

func newWindow(warmup, length time.Duration) *window {
	from := time.Now().Add(warmup)
	return &window{from: from, to: from.Add(length)}
}

// call counts where it ends. A call that began in the warm-up is as good as any other, and one that is cut off by the end
// makes up for it: to count only what lies inside would cost those with many calls in flight, or slow ones, a part of their rate.
func (w *window) call(from, to time.Time) {
	if !to.Before(w.from) && to.Before(w.to) {
		w.samples.record(to.Sub(from), 1)
	}
}

// batch counts n messages that are known to have arrived only all together: the part of them that lies inside.
func (w *window) batch(n uint64, from, to time.Time) {
	inside := min(to.Sub(w.from), w.to.Sub(from), w.to.Sub(w.from), to.Sub(from))
	if took := to.Sub(from); n > 0 && inside > 0 {
		w.samples.record(took/time.Duration(n), uint64(float64(n)*float64(inside)/float64(took)))
	}
}

// repeat makes one call after the other until the window is over.
func (w *window) repeat(call func() error) error {
	for from := time.Now(); from.Before(w.to); {
		if err := call(); err != nil {
			return err
		}
		to := time.Now()
		w.call(from, to)
		from = to
	}
	return nil
}

// later is for what is left to do when the result is out.
func (w *window) later(do func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rest = append(w.rest, do)
}

// finish does it all at once: streams of one connection wait for each other's readers.
func (w *window) finish() {
	var wg sync.WaitGroup
	for _, do := range w.rest {
		wg.Go(do)
	}
	wg.Wait()
}
