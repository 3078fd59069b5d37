package main

import (
	"context"
	"io"
	"os"

	"github.com/containerd/ttrpc"
)

func greet(clients []*ttrpc.Client, msg string) error {
	call := echo(msg)
	for _, client := range clients {
		if err := call(context.Background(), client); err != nil {
			return err
		}
	}
	return nil
}

// once is a whole program: its time is taken from outside.
func once(clients []*ttrpc.Client, msg string) error {
	if err := greet(clients, msg); err != nil {
		return err
	}
	return printLine(map[string]any{"case": "once", "calls": len(clients)})
}

// idle holds connections that have seen a call until stdin ends. What they cost is read from outside.
func idle(clients []*ttrpc.Client, msg string) error {
	if err := greet(clients, msg); err != nil {
		return err
	}
	if err := printLine(map[string]string{"window": "open"}); err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	return printLine(map[string]string{"case": "idle"})
}
