package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"

	contentapi "github.com/containerd/containerd/api/services/content/v1"
	"github.com/containerd/containerd/v2/core/content"
	streamproxy "github.com/containerd/containerd/v2/core/streaming/proxy"
	"github.com/containerd/containerd/v2/core/transfer"
	"github.com/containerd/containerd/v2/core/transfer/archive"
	transferproxy "github.com/containerd/containerd/v2/core/transfer/proxy"
	"github.com/containerd/errdefs"
	"github.com/opencontainers/go-digest"
)

// blobCase ingests a blob, finds it, reads it back whole and in part, and deletes it.
func blobCase(ctx context.Context, p *peer) error {
	label := content.WithLabels(map[string]string{"kind": "blob"})
	if err := content.WriteBlob(ctx, p.store, "blob", bytes.NewReader(p.blob), p.desc, label); err != nil {
		return err
	}
	// What is there already is not read again: this reader would fail.
	if err := content.WriteBlob(ctx, p.store, "blob-again", nil, p.desc, label); err != nil {
		return fmt.Errorf("a second time: %w", err)
	}
	info, err := p.store.Info(ctx, p.desc.Digest)
	if err != nil {
		return err
	}
	if info.Size != p.desc.Size || info.Labels["kind"] != "blob" {
		return fmt.Errorf("info is %+v", info)
	}

	whole, err := content.ReadBlob(ctx, p.store, p.desc)
	if err != nil {
		return err
	}
	if got := digest.FromBytes(whole); got != p.desc.Digest {
		return fmt.Errorf("read back as %s", got)
	}
	ra, err := p.store.ReaderAt(ctx, p.desc)
	if err != nil {
		return err
	}
	part := make([]byte, len(p.blob)/3)
	at := int64(len(p.blob) / 2)
	if n, err := ra.ReadAt(part, at); err != nil || !bytes.Equal(part, p.blob[at:at+int64(n)]) {
		return fmt.Errorf("%d bytes from %d on are others: %v", n, at, err)
	}
	if n, err := ra.ReadAt(make([]byte, 10), p.desc.Size-4); n != 4 || err != io.EOF {
		return fmt.Errorf("across the end: %d bytes, %v", n, err)
	}
	if _, err := ra.ReadAt(part, p.desc.Size+1); !errdefs.IsOutOfRange(err) {
		return fmt.Errorf("behind the end: %v", err)
	}
	if err := readMessages(ctx, p); err != nil {
		return fmt.Errorf("message by message: %w", err)
	}
	if err := walkAway(ctx, p); err != nil {
		return fmt.Errorf("after a reader walked away: %w", err)
	}

	for _, filter := range []string{"", "labels.kind==blob", "labels.kind==other"} {
		found := 0
		err := p.store.Walk(ctx, func(info content.Info) error {
			if info.Digest == p.desc.Digest && info.Size == p.desc.Size {
				found++
			}
			return nil
		}, filter)
		if err != nil {
			return err
		}
		p.facts["found "+filter] = found
	}

	if err := p.store.Delete(ctx, p.desc.Digest); err != nil {
		return err
	}
	if _, err := p.store.Info(ctx, p.desc.Digest); !errdefs.IsNotFound(err) {
		return fmt.Errorf("after it was deleted: %v", err)
	}
	if _, err := p.store.ReaderAt(ctx, p.desc); !errdefs.IsNotFound(err) {
		return fmt.Errorf("after it was deleted: %v", err)
	}
	return nil
}

// readMessages reads a blob to the end of its stream, which the proxy leaves when it has all bytes.
func readMessages(ctx context.Context, p *peer) error {
	stream, err := contentapi.NewTTRPCContentClient(p.client).Read(ctx, &contentapi.ReadContentRequest{Digest: p.desc.Digest.String()})
	if err != nil {
		return err
	}
	var sizes []int
	for {
		m, err := stream.Recv()
		if err == io.EOF {
			p.facts["messages"] = sizes
			return nil
		}
		if err != nil {
			return err
		}
		sizes = append(sizes, len(m.Data))
	}
}

// walkAway takes the first message of a blob and cancels, which the server is not told of. The connection has to go on.
func walkAway(ctx context.Context, p *peer) error {
	ctx, cancel := context.WithCancel(ctx)
	stream, err := contentapi.NewTTRPCContentClient(p.client).Read(ctx, &contentapi.ReadContentRequest{Digest: p.desc.Digest.String()})
	if err != nil {
		cancel()
		return err
	}
	first, err := stream.Recv()
	cancel()
	if err != nil {
		return err
	}
	p.facts["first"] = len(first.Data)
	_, err = p.store.Info(context.WithoutCancel(ctx), p.desc.Digest)
	return err
}

// ingestCase leaves an ingest half done, sees it in the statuses, finishes it, and aborts another one.
func ingestCase(ctx context.Context, p *peer) error {
	half := int64(len(p.blob) / 2)
	for _, ref := range []string{"finished", "aborted"} {
		w, err := content.OpenWriter(ctx, p.store, content.WithRef(ref), content.WithDescriptor(p.desc))
		if err != nil {
			return err
		}
		// A reader that could write itself out would do it at once, in a message over ttrpc's limit.
		if n, err := content.CopyReader(w, io.LimitReader(bytes.NewReader(p.blob), half)); err != nil || n != half {
			return fmt.Errorf("%d bytes of %s written: %w", n, ref, err)
		}
		if got := w.Digest(); got != digest.FromBytes(p.blob[:half]) {
			return fmt.Errorf("half of %s is %s", ref, got)
		}
		if err := w.Close(); err != nil {
			return err
		}
	}
	status, err := p.store.Status(ctx, "finished")
	if err != nil {
		return err
	}
	if status.Offset != half || status.Total != p.desc.Size {
		return fmt.Errorf("status is %+v", status)
	}
	statuses, err := p.store.ListStatuses(ctx)
	if err != nil {
		return err
	}
	p.facts["statuses"] = len(statuses)

	if err := content.WriteBlob(ctx, p.store, "finished", bytes.NewReader(p.blob), p.desc); err != nil {
		return fmt.Errorf("to finish it: %w", err)
	}
	if info, err := p.store.Info(ctx, p.desc.Digest); err != nil || info.Size != p.desc.Size {
		return fmt.Errorf("finished: %+v, %w", info, err)
	}
	for range 2 {
		if err := p.store.Abort(ctx, "aborted"); err != nil {
			return err
		}
	}
	for _, ref := range []string{"finished", "aborted"} {
		if _, err := p.store.Status(ctx, ref); !errdefs.IsNotFound(err) {
			return fmt.Errorf("status of %s in the end: %v", ref, err)
		}
	}
	return p.store.Delete(ctx, p.desc.Digest)
}

// transferCase sends bytes through SendStream, and gets those that the server makes of them through ReceiveStream.
func transferCase(ctx context.Context, p *peer) error {
	var mu sync.Mutex
	var events []string
	last := make(chan int64, 1)
	progress := func(progress transfer.Progress) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, progress.Event)
		if progress.Event == "relayed" {
			last <- progress.Progress
		}
	}
	r, w := io.Pipe()
	received := make(chan []byte, 1)
	go func() {
		all, _ := io.ReadAll(r)
		received <- all
	}()

	transferrer := transferproxy.NewTransferrer(p.client, streamproxy.NewStreamCreator(p.client))
	source := archive.NewImageImportStream(bytes.NewReader(p.blob), "application/octet-stream")
	if err := transferrer.Transfer(ctx, source, archive.NewImageExportStream(w, ""), transfer.WithProgress(progress)); err != nil {
		return err
	}
	select {
	case all := <-received:
		if got := digest.FromBytes(all); got != p.desc.Digest {
			return fmt.Errorf("%d bytes came back, as %s", len(all), got)
		}
	case <-ctx.Done():
		return fmt.Errorf("the stream of bytes has no end: %w", ctx.Err())
	}
	select {
	case n := <-last:
		p.facts["progress"] = n
	case <-ctx.Done():
		return fmt.Errorf("no last word of progress: %w", ctx.Err())
	}
	mu.Lock()
	defer mu.Unlock()
	p.facts["events"] = events
	return nil
}
