package main

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// histogram counts every sample in a fixed array that all workers share, so recording allocates nothing however long a run
// and however many the workers are. Each power of two is split into 128 equal parts: a percentile is at most 0.8 % off.
type histogram struct {
	counts [(64 - subBits + 1) << subBits]atomic.Uint64
}

const subBits = 7

// record counts n samples that took d each.
func (h *histogram) record(d time.Duration, n uint64) {
	h.counts[bucket(uint64(max(d, 0)))].Add(n)
}

func bucket(ns uint64) int {
	shift := max(bits.Len64(ns)-subBits-1, 0)
	return shift<<subBits + int(ns>>shift)
}

// value is the middle of a bucket.
func value(bucket int) float64 {
	if bucket < 2<<subBits {
		return float64(bucket)
	}
	shift := bucket>>subBits - 1
	low := uint64(bucket-shift<<subBits) << shift
	return float64(low) + float64(uint64(1)<<shift)/2
}

func (h *histogram) total() uint64 {
	var total uint64
	for i := range h.counts {
		total += h.counts[i].Load()
	}
	return total
}

// micros is the latency that a share q of all samples does not exceed; the longest for 1.
func (h *histogram) micros(q float64) float64 {
	total := h.total()
	rank := min(uint64(q*float64(total)), max(total, 1)-1)
	var seen uint64
	for i := range h.counts {
		if seen += h.counts[i].Load(); seen > rank {
			return float64(int64(value(i)/10+0.5)) / 100
		}
	}
	return 0
}
