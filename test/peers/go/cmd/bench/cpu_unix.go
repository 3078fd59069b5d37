//go:build unix

package main

import (
	"syscall"
	"time"
)

type cpuTime struct{ user, sys time.Duration }

// cpu is what this process has used so far, all threads together.
func cpu() cpuTime {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return cpuTime{}
	}
	return cpuTime{user: time.Duration(usage.Utime.Nano()), sys: time.Duration(usage.Stime.Nano())}
}
