package main

import (
	"encoding/json"
	"flag"
	"os"

	"ttrpc.test/peers/go/internal/serve"
)

// serverMain adds one line when it stops: what the whole run cost this side, which the client cannot see.
func serverMain(args []string) error {
	flags := flag.NewFlagSet("bench server", flag.ExitOnError)
	address := flags.String("address", "", "unix:///path, unix:@name or tcp://host:port")
	_ = flags.Parse(args)
	if err := serve.Run(*address, 0); err != nil {
		return err
	}
	used := cpu()
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"stopped":   true,
		"cpuUserMs": used.user.Milliseconds(),
		"cpuSysMs":  used.sys.Milliseconds(),
	})
}
