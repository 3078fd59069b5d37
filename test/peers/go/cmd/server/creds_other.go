//go:build !linux

package main

import (
	"fmt"
	"os"

	"github.com/containerd/ttrpc"
)

// Peer credentials are Linux only in Go's ttrpc. Refusing to start is better than serving without the check.
func requireSameUser() ttrpc.ServerOpt {
	fmt.Fprintln(os.Stderr, "server: -require-same-user needs Linux")
	os.Exit(1)
	return nil
}
