// Command bench measures Go's ttrpc, and our own implementation from Go's side: each half works against the other
// implementation as well, because both speak only the services every peer of ours serves.
package main

import (
	"fmt"
	"os"
)

func main() {
	err := fmt.Errorf("usage: bench server|client -address ADDRESS [flags]")
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "server":
			err = serverMain(os.Args[2:])
		case "client":
			err = clientMain(os.Args[2:])
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
