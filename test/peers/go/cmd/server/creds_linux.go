package main

import "github.com/containerd/ttrpc"

func requireSameUser() ttrpc.ServerOpt {
	return ttrpc.WithServerHandshaker(ttrpc.UnixSocketRequireSameUser())
}
