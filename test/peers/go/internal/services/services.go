// Package services holds everything our Go servers answer to, and the names a client needs to call it.
package services

import "github.com/containerd/ttrpc"

// Register puts every service of this package on srv. It has to run before Serve: ttrpc's service map has no lock.
func Register(srv *ttrpc.Server) {
	registerStreaming(srv)
	registerExample(srv)
	registerNotes(srv)
	registerTest(srv)
	registerPeer(srv)
	registerMatrix(srv)
	registerResults(srv)
}
