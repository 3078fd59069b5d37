package main

import "github.com/containerd/ttrpc"

// work is what every worker of a case is given.
type work struct {
	*window
	clients []*ttrpc.Client
	msg     string
}

// load is one worker: it works until the window is over and records what falls inside.
type load func(work) error

var loads = map[string]load{
	"unary":        unary,
	"bytes":        echoBytes,
	"rich":         rich,
	"connections":  connections,
	"serverStream": serverStream,
	"clientStream": clientStream,
	"bidi":         bidi,
}
