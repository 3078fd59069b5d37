// Command server serves containerd's own content store, transfer and streaming services over ttrpc, for the tests of our client.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"log"
	"net"
	"os"
	"strings"

	contentapi "github.com/containerd/containerd/api/services/content/v1"
	streamingapi "github.com/containerd/containerd/api/services/streaming/v1"
	transferapi "github.com/containerd/containerd/api/services/transfer/v1"
	"github.com/containerd/containerd/v2/plugins/content/local"
	"github.com/containerd/containerd/v2/plugins/services/content/contentserver"
	"github.com/containerd/ttrpc"
)

func main() {
	address := flag.String("address", "", "unix:///path")
	root := flag.String("root", "", "folder of the content store")
	flag.Parse()
	if err := run(strings.TrimPrefix(*address, "unix://"), *root); err != nil {
		log.Fatal("server: ", err)
	}
}

// run serves until stdin ends: a server does not outlive the test that started it, whatever happened to the test.
func run(path, root string) error {
	store, err := local.NewLabeledStore(root, &labels{})
	if err != nil {
		return err
	}
	services, err := startPlugins()
	if err != nil {
		return err
	}
	server, err := ttrpc.NewServer()
	if err != nil {
		return err
	}
	contentapi.RegisterTTRPCContentService(server, contentService{contentserver.New(store)})
	streamingapi.RegisterTTRPCStreamingService(server, streamingService{services["streaming"].(streamingapi.StreamingServer)})
	transferapi.RegisterTTRPCTransferService(server, services["transfer"].(transferapi.TTRPCTransferService))

	l, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(context.Background(), l) }()
	if err := json.NewEncoder(os.Stdout).Encode(map[string]string{"address": "unix://" + path}); err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = server.Close()
	}()
	if err := <-served; !errors.Is(err, ttrpc.ErrServerClosed) {
		return err
	}
	return nil
}
