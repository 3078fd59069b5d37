// Command host is a container runtime as far as NRI sees one: containerd's adaptation package, without containers.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/containerd/nri/pkg/adaptation"
	"github.com/containerd/nri/pkg/api"
)

func fail(err error) {
	fmt.Fprintln(os.Stderr, "host:", err)
	os.Exit(1)
}

func main() {
	socket := flag.String("socket", "", "where plugins connect")
	plugins := flag.String("plugins", "", "folder of plugins to launch")
	config := flag.String("config", "", "folder of their configuration")
	pods := flag.Int("pods", 1, "pods that a plugin is told of when it comes")
	podBytes := flag.Int("pod-bytes", 10, "size of each")
	flag.Parse()

	known := make([]*api.PodSandbox, *pods)
	for i := range known {
		known[i] = &api.PodSandbox{Id: fmt.Sprint(i), Name: strings.Repeat("p", *podBytes)}
	}
	synchronize := func(ctx context.Context, tell adaptation.SyncCB) error {
		updates, err := tell(ctx, known, nil)
		_ = json.NewEncoder(os.Stdout).Encode(map[string]any{"synchronized": len(updates), "error": text(err)})
		return err
	}
	update := func(_ context.Context, updates []*api.ContainerUpdate) ([]*api.ContainerUpdate, error) {
		_ = json.NewEncoder(os.Stdout).Encode(map[string]any{"updates": len(updates)})
		return nil, nil
	}
	host, err := adaptation.New("host", "1.2.3", synchronize, update,
		adaptation.WithSocketPath(*socket), adaptation.WithPluginPath(*plugins), adaptation.WithPluginConfigPath(*config))
	if err != nil {
		fail(err)
	}
	if err := host.Start(); err != nil {
		fail(err)
	}
	fmt.Println(`{"ready":true}`)

	// Each line of stdin is a number of containers to create.
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var count int
		if err := json.Unmarshal(lines.Bytes(), &count); err != nil {
			fail(err)
		}
		// A plugin that is being synchronized is one once that is done: as runtimes do, wait for it.
		block := host.BlockPluginSync()
		created, started := 0, time.Now()
		var failure error
		for i := 0; i < count && failure == nil; i++ {
			id := fmt.Sprint("c", i)
			var reply *api.CreateContainerResponse
			reply, failure = host.CreateContainer(context.Background(), &api.CreateContainerRequest{
				Pod:       &api.PodSandbox{Id: "p"},
				Container: &api.Container{Id: id, PodSandboxId: "p", Name: id},
			})
			if reply.GetAdjust().GetAnnotations()["seen"] == id {
				created++
			}
		}
		block.Unblock()
		_ = json.NewEncoder(os.Stdout).Encode(map[string]any{"adjusted": created, "error": text(failure), "ms": time.Since(started).Milliseconds()})
	}
	host.Stop()
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
