package main

import (
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/containerd/containerd/v2/core/streaming"
	"github.com/containerd/containerd/v2/core/transfer"
	_ "github.com/containerd/containerd/v2/core/transfer/archive"
	"github.com/containerd/containerd/v2/plugins"
	_ "github.com/containerd/containerd/v2/plugins/services/streaming"
	_ "github.com/containerd/containerd/v2/plugins/services/transfer"
	"github.com/containerd/errdefs"
	"github.com/containerd/plugin"
	"github.com/containerd/plugin/registry"
)

// Two plugins of ours stand where a daemon has a database and its images, so that containerd's services find what they require.
func init() {
	registry.Register(&plugin.Registration{
		Type:   plugins.StreamingPlugin,
		ID:     "manager",
		InitFn: func(*plugin.InitContext) (any, error) { return &manager{streams: map[string]streaming.Stream{}}, nil },
	})
	registry.Register(&plugin.Registration{
		Type:   plugins.TransferPlugin,
		ID:     "relay",
		InitFn: func(*plugin.InitContext) (any, error) { return relay{}, nil },
	})
}

// startPlugins starts all that are linked in, and gives containerd's services by their names.
func startPlugins() (map[string]any, error) {
	set := plugin.NewPluginSet()
	services := map[string]any{}
	for _, r := range registry.Graph(func(*plugin.Registration) bool { return false }) {
		p := r.Init(plugin.NewContext(context.Background(), set, nil))
		if err := set.Add(p); err != nil {
			return nil, err
		}
		instance, err := p.Instance()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.URI(), err)
		}
		if r.Type == plugins.GRPCPlugin {
			services[r.ID] = instance
		}
	}
	return services, nil
}

// manager keeps the streams that clients have opened, by the ids they gave them.
type manager struct {
	mu      sync.Mutex
	streams map[string]streaming.Stream
}

func (m *manager) Register(_ context.Context, id string, stream streaming.Stream) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.streams[id]; ok {
		return errdefs.ErrAlreadyExists
	}
	m.streams[id] = stream
	return nil
}

func (m *manager) Get(_ context.Context, id string) (streaming.Stream, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if stream, ok := m.streams[id]; ok {
		return stream, nil
	}
	return nil, errdefs.ErrNotFound
}

// relay copies what a client imports into what it exports, and reports progress at both ends.
type relay struct{}

func (relay) Transfer(ctx context.Context, source, destination any, opts ...transfer.Opt) error {
	from, ok := source.(transfer.ImageImportStreamer)
	if !ok {
		return errdefs.ErrNotImplemented
	}
	to, ok := destination.(transfer.ImageExportStreamer)
	if !ok {
		return errdefs.ErrNotImplemented
	}
	config := transfer.Config{Progress: func(transfer.Progress) {}}
	for _, opt := range opts {
		opt(&config)
	}
	r, name, err := from.ImportStream(ctx)
	if err != nil {
		return err
	}
	w, _, err := to.ExportStream(ctx)
	if err != nil {
		return err
	}
	config.Progress(transfer.Progress{Event: "relaying", Name: name})
	n, err := io.Copy(w, r)
	if closeErr := w.Close(); err == nil {
		err = closeErr
	}
	config.Progress(transfer.Progress{Event: "relayed", Name: name, Progress: n, Total: n})
	return err
}
