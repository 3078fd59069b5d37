// Command server is Go's ttrpc server for the tests of the TypeScript client.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/containerd/ttrpc"
	"ttrpc.test/peers/go/internal/serve"
)

func main() {
	address := flag.String("address", "", "unix:///path, unix:@name, tcp://host:port or vsock://cid:port")
	sameUser := flag.Bool("require-same-user", false, "refuse peers with another uid or gid (Linux, unix sockets)")
	grace := flag.Int("grace-ms", 0, "how long a stop waits for calls in flight; 0 cuts them")
	flag.Parse()

	var opts []ttrpc.ServerOpt
	if *sameUser {
		opts = append(opts, requireSameUser())
	}
	if err := serve.Run(*address, time.Duration(*grace)*time.Millisecond, opts...); err != nil {
		fmt.Fprintln(os.Stderr, "server:", err)
		os.Exit(1)
	}
}
