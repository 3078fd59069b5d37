package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"sync"
	"time"

	"github.com/containerd/ttrpc"
	"ttrpc.test/peers/go/internal/endpoint"
)

type numbers struct {
	Case      string  `json:"case"`
	Inflight  int     `json:"inflight"`
	Size      int     `json:"size"`
	Calls     uint64  `json:"calls"`
	Seconds   float64 `json:"seconds"`
	PerSecond float64 `json:"perSecond"`
	P50us     float64 `json:"p50us"`
	P99us     float64 `json:"p99us"`
	CPUUserMs int64   `json:"cpuUserMs"`
	CPUSysMs  int64   `json:"cpuSysMs"`
}

func clientMain(args []string) error {
	flags := flag.NewFlagSet("bench client", flag.ExitOnError)
	address := flags.String("address", "", "unix:///path, unix:@name or tcp://host:port")
	name := flags.String("case", "unary", "unary, stream or blob")
	inflight := flags.Int("inflight", 1, "calls or streams in flight, all on one connection")
	size := flags.Int("size", 0, "bytes of text in each message (unary and stream 16, blob 65536)")
	seconds := flags.Float64("seconds", 3, "length of the measurement")
	warmup := flags.Int("warmup-ms", 500, "time before it, not measured")
	_ = flags.Parse(args)

	work, ok := loads[*name]
	if !ok {
		return fmt.Errorf("unknown case %q", *name)
	}
	if *size == 0 {
		*size = work.size
	}
	conn, err := endpoint.Dial(*address)
	if err != nil {
		return err
	}
	client := ttrpc.NewClient(conn)
	defer client.Close()

	out, err := measure(client, work.run, *inflight, *size, time.Duration(*warmup)*time.Millisecond, time.Duration(*seconds*float64(time.Second)))
	if err != nil {
		return err
	}
	out.Case = *name
	return json.NewEncoder(os.Stdout).Encode(out)
}

// window is the measured time. A sample counts when all of it lies inside.
type window struct{ from, to time.Time }

// measure runs the workers through warm-up and window. CPU is read at the same two moments, so it covers the window only.
func measure(client *ttrpc.Client, run load, inflight, size int, warmup, length time.Duration) (numbers, error) {
	start := time.Now().Add(warmup)
	w := window{start, start.Add(length)}
	samples := make([]histogram, inflight)
	errs := make([]error, inflight)
	var wg sync.WaitGroup
	for i := range inflight {
		wg.Go(func() { errs[i] = run(client, size, w, &samples[i]) })
	}

	time.Sleep(time.Until(w.from))
	before := cpu()
	time.Sleep(time.Until(w.to))
	after := cpu()
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return numbers{}, err
	}

	var all histogram
	for i := range samples {
		all.add(&samples[i])
	}
	return numbers{
		Inflight:  inflight,
		Size:      size,
		Calls:     all.total,
		Seconds:   length.Seconds(),
		PerSecond: math.Round(float64(all.total) / length.Seconds()),
		P50us:     all.micros(0.50),
		P99us:     all.micros(0.99),
		CPUUserMs: (after.user - before.user).Milliseconds(),
		CPUSysMs:  (after.sys - before.sys).Milliseconds(),
	}, nil
}
