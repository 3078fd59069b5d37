package main

import (
	"errors"
	"math"
	"sync"
	"time"
)

type numbers struct {
	Case        string  `json:"case"`
	Inflight    int     `json:"inflight"`
	Size        int     `json:"size"`
	Connections int     `json:"connections"`
	Calls       uint64  `json:"calls"`
	Seconds     float64 `json:"seconds"`
	PerSecond   float64 `json:"perSecond"`
	P10us       float64 `json:"p10us"`
	P25us       float64 `json:"p25us"`
	P50us       float64 `json:"p50us"`
	P75us       float64 `json:"p75us"`
	P90us       float64 `json:"p90us"`
	P99us       float64 `json:"p99us"`
	P999us      float64 `json:"p999us"`
	MaxUs       float64 `json:"maxUs"`
	CPUUserMs   int64   `json:"cpuUserMs"`
	CPUSysMs    int64   `json:"cpuSysMs"`
}

// measure runs the workers through warm-up and window. CPU is read at the same two moments, so it covers the window only.
func measure(w work, run load, workers int) (numbers, error) {
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for i := range workers {
		wg.Go(func() { errs[i] = run(w) })
	}

	time.Sleep(time.Until(w.from))
	before := cpu()
	if err := printLine(map[string]string{"window": "open"}); err != nil {
		return numbers{}, err
	}
	time.Sleep(time.Until(w.to))
	after := cpu()
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return numbers{}, err
	}

	h := &w.samples
	calls, seconds := h.total(), w.to.Sub(w.from).Seconds()
	return numbers{
		Calls:     calls,
		Seconds:   seconds,
		PerSecond: math.Round(float64(calls) / seconds),
		P10us:     h.micros(0.10),
		P25us:     h.micros(0.25),
		P50us:     h.micros(0.50),
		P75us:     h.micros(0.75),
		P90us:     h.micros(0.90),
		P99us:     h.micros(0.99),
		P999us:    h.micros(0.999),
		MaxUs:     h.micros(1),
		CPUUserMs: (after.user - before.user).Milliseconds(),
		CPUSysMs:  (after.sys - before.sys).Milliseconds(),
	}, nil
}
