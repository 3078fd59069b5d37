package main

import (
	"fmt"
	"strings"

	"github.com/containerd/ttrpc"
)

type group int

const (
	integration group = iota // part of -case all
	harmless                 // leaves the server and the connection as they were: part of -case every
	alone                    // ends the server or waits for its end: only by name
)

type namedCase struct {
	name  string
	group group
	run   func(*ttrpc.Client, params) result
}

var cases = []namedCase{
	{"echo", integration, echo},
	{"echo-stream", integration, echoStream},
	{"sum-stream", integration, sumStream},
	{"divide-stream", integration, divideStream},
	{"echo-null", integration, echoNull},
	{"echo-null-stream", integration, echoNullStream},
	{"empty-payload-stream", integration, emptyPayloadStream},

	{"example", harmless, exampleCalls},
	{"test", harmless, testCalls},
	{"many-unary", harmless, manyUnary},
	{"blob", harmless, blob},
	{"blob-reply", harmless, blobReply},
	{"metadata", harmless, metadata},
	{"deadline", harmless, deadline},
	{"deadline-seen", harmless, deadlineSeen},
	{"fail", harmless, failCall},
	{"plain-error", harmless, plainError},
	{"nil", harmless, nilReply},
	{"unknown-service", harmless, unknownService},
	{"unknown-method", harmless, unknownMethod},

	{"count-stream", harmless, countStream},
	{"fail-after", harmless, failAfter},
	{"collect", harmless, collect},
	{"streams", harmless, streams},

	{"die", alone, die},
	{"hold-kill", alone, holdKill},
}

func pick(name string) ([]namedCase, error) {
	last := alone
	switch name {
	case "all":
		last = integration
	case "every":
		last = harmless
	default:
		for _, c := range cases {
			if c.name == name {
				return []namedCase{c}, nil
			}
		}
		var names []string
		for _, c := range cases {
			names = append(names, c.name)
		}
		return nil, fmt.Errorf("unknown case %q, want all, every or one of %s", name, strings.Join(names, ", "))
	}
	var selected []namedCase
	for _, c := range cases {
		if c.group <= last {
			selected = append(selected, c)
		}
	}
	return selected, nil
}
