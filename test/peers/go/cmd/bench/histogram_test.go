package main

import (
	"math"
	"testing"
	"time"
)

func TestBucketsAreContiguousAndClose(t *testing.T) {
	last := -1
	for ns := uint64(0); ns < 1<<20; ns++ {
		b := bucket(ns)
		if b != last && b != last+1 {
			t.Fatalf("%d ns goes from bucket %d to %d", ns, last, b)
		}
		last = b
		if off := math.Abs(value(b) - float64(ns)); off > float64(ns)/128 {
			t.Fatalf("%d ns is reported as %v", ns, value(b))
		}
	}
	if top := bucket(math.MaxUint64); top != len(new(histogram).counts)-1 {
		t.Fatalf("the largest sample goes to bucket %d", top)
	}
}

func TestPercentiles(t *testing.T) {
	var h histogram
	for i := range 1000 {
		h.record(time.Duration(i)*time.Microsecond, 1)
	}
	for q, want := range map[float64]float64{0.5: 500, 0.99: 990, 1: 999} {
		if got := h.micros(q); math.Abs(got-want) > want/100 {
			t.Errorf("%v: %v µs, want %v", q, got, want)
		}
	}
}
