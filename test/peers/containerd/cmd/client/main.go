// Command client drives a content, transfer and streaming server through containerd's own proxies, for the tests of our server.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"log"
	"math/rand"
	"net"
	"os"
	"strings"
	"time"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/content/proxy"
	"github.com/containerd/ttrpc"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// peer is one connection and what a case does on it.
type peer struct {
	client *ttrpc.Client
	store  content.Store
	blob   []byte
	desc   ocispec.Descriptor
	facts  map[string]any
}

var cases = map[string]func(context.Context, *peer) error{
	"blob":     blobCase,
	"ingest":   ingestCase,
	"transfer": transferCase,
}

func main() {
	address := flag.String("address", "", "unix:///path")
	name := flag.String("case", "", "blob, ingest or transfer")
	size := flag.Int("size", 9<<20, "bytes of the blob")
	limit := flag.Duration("limit", 60*time.Second, "how long the case may take")
	flag.Parse()

	run, ok := cases[*name]
	if !ok {
		log.Fatalf("client: no case %q", *name)
	}
	conn, err := net.Dial("unix", strings.TrimPrefix(*address, "unix://"))
	if err != nil {
		log.Fatal("client: ", err)
	}
	client := ttrpc.NewClient(conn)
	defer client.Close()

	blob := make([]byte, *size)
	rand.New(rand.NewSource(int64(*size))).Read(blob)
	p := &peer{
		client: client,
		store:  proxy.NewContentStore(client),
		blob:   blob,
		desc:   ocispec.Descriptor{MediaType: ocispec.MediaTypeImageLayer, Digest: digest.FromBytes(blob), Size: int64(*size)},
		facts:  map[string]any{},
	}
	ctx, cancel := context.WithTimeout(context.Background(), *limit)
	defer cancel()
	err = run(ctx, p)
	p.facts["ok"], p.facts["error"], p.facts["digest"] = err == nil, "", p.desc.Digest
	if err != nil {
		p.facts["error"] = err.Error()
	}
	if err := json.NewEncoder(os.Stdout).Encode(p.facts); err != nil {
		log.Fatal("client: ", err)
	}
}
