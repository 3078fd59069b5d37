package main

import "testing"

// Every envelope a test may ask for must be reachable, above all those next to a step of a length prefix. The exceptions are
// the three lengths at which the payload's own prefix grows by a byte.
func TestSizedReachesEveryLength(t *testing.T) {
	impossible := map[int]bool{175: true, 16432: true, 2097201: true}
	for _, at := range []int{60, 175, 16432, 2097201, maxEnvelope} {
		for size := max(at-30, 60); size <= at+30; size++ {
			if _, err := sized(size); (err != nil) != impossible[size] {
				t.Errorf("%d bytes: %v", size, err)
			}
		}
	}
}
