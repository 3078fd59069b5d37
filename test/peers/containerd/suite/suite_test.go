// Package suite runs containerd's own test suite of content stores against a server, through containerd's proxy over ttrpc.
package suite

import (
	"context"
	"errors"
	"flag"
	"net"
	"strings"
	"testing"

	contentapi "github.com/containerd/containerd/api/services/content/v1"
	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/content/proxy"
	"github.com/containerd/containerd/v2/core/content/testsuite"
	"github.com/containerd/ttrpc"
)

var address = flag.String("address", "", "unix:///path of the server")

func TestContent(t *testing.T) {
	testsuite.ContentSuite(t, "ttrpc", func(ctx context.Context, _ string) (context.Context, content.Store, func() error, error) {
		conn, err := net.Dial("unix", strings.TrimPrefix(*address, "unix://"))
		if err != nil {
			return nil, nil, nil, err
		}
		client := ttrpc.NewClient(conn)
		return ctx, proxy.NewContentStore(closingOften{contentapi.NewTTRPCContentClient(client)}), client.Close, nil
	})
}

// closingOften lets a Write stream's sending side be closed again, as gRPC's can: the proxy closes it on Commit, and the suite after that.
type closingOften struct{ contentapi.TTRPCContentClient }

func (c closingOften) Write(ctx context.Context) (contentapi.TTRPCContent_WriteClient, error) {
	stream, err := c.TTRPCContentClient.Write(ctx)
	return closedOnce{stream}, err
}

type closedOnce struct {
	contentapi.TTRPCContent_WriteClient
}

func (s closedOnce) CloseSend() error {
	if err := s.TTRPCContent_WriteClient.CloseSend(); !errors.Is(err, ttrpc.ErrStreamClosed) {
		return err
	}
	return nil
}
