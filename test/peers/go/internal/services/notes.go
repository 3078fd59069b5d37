package services

import (
	"github.com/containerd/ttrpc"
)

// NotesService is the one of the project's example with a method of every kind. Its Note has the fields of EchoPayload.
const NotesService = "ttrpc.example.v1.Notes"

func registerNotes(srv *ttrpc.Server) {
	srv.RegisterService(NotesService, &ttrpc.ServiceDesc{
		Methods: map[string]ttrpc.Method{"Echo": unary(streamingService{}.Echo)},
		Streams: map[string]ttrpc.Stream{
			"Total": {Handler: collect, StreamingClient: true},
			"Watch": {Handler: serverStream(count), StreamingServer: true},
			"Chat":  {Handler: echo2, StreamingClient: true, StreamingServer: true},
		},
	})
}
