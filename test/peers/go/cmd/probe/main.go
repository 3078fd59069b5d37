// Command probe makes one call with Go's client and prints all that its caller sees, as a JSON array of texts. It judges
// nothing: the peer is a scripted server, and what is right is in the script.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/containerd/ttrpc"
	"github.com/containerd/ttrpc/integration/streaming"
	"google.golang.org/protobuf/proto"
	"ttrpc.test/peers/go/internal/endpoint"
	"ttrpc.test/peers/go/internal/report"
)

type payload = streaming.EchoPayload

type probe struct {
	client          *ttrpc.Client
	kind            string
	service, method string
	request         *payload
	sends, reads    int
	end             bool
	pause           time.Duration
	lines           []string
}

func main() {
	var (
		p          probe
		address    = flag.String("address", "", "unix:///path, unix:@name or tcp://host:port")
		path       = flag.String("method", "ttrpc.integration.streaming.Streaming/Echo", "SERVICE/METHOD")
		seq        = flag.Uint("seq", 1, "of the request, or of the messages sent")
		text       = flag.String("msg", "", "of the request, or of the messages sent")
		waitMs     = flag.Int("wait-ms", 0, "between connecting and the call")
		pauseMs    = flag.Int("pause-ms", 0, "before the first read")
		closeMs    = flag.Int("close-ms", 0, "close the client while the call is in flight, after this time")
		next       = flag.Bool("next", false, "make one more call on the same connection")
		repetition = flag.Int("repeat", 1, "all of that on so many connections, one after the other")
	)
	flag.StringVar(&p.kind, "kind", "unary", "unary, serverStream, clientStream or bidi")
	flag.IntVar(&p.sends, "send", 0, "messages to send on a stream")
	flag.IntVar(&p.reads, "read", 1, "messages to read from a stream")
	flag.BoolVar(&p.end, "end", false, "end the sending side after the messages")
	flag.Parse()
	p.service, p.method, _ = strings.Cut(*path, "/")
	p.request = &payload{Seq: uint32(*seq), Msg: *text}
	p.pause = time.Duration(*pauseMs) * time.Millisecond

	for range *repetition {
		conn, err := endpoint.Dial(*address)
		if err != nil {
			fmt.Fprintln(os.Stderr, "probe:", err)
			os.Exit(1)
		}
		p.client = ttrpc.NewClient(conn)
		if *closeMs > 0 {
			time.AfterFunc(time.Duration(*closeMs)*time.Millisecond, func() { p.client.Close() })
		}
		time.Sleep(time.Duration(*waitMs) * time.Millisecond)
		p.run()
		if *next {
			resp := &payload{}
			err := p.client.Call(context.Background(), "ttrpc.integration.streaming.Streaming", "Echo", &payload{Seq: 41, Msg: "next"}, resp)
			p.lines = append(p.lines, "next call: "+outcome(resp, err))
		}
		p.client.Close()
	}
	if err := json.NewEncoder(os.Stdout).Encode(p.lines); err != nil {
		fmt.Fprintln(os.Stderr, "probe:", err)
		os.Exit(1)
	}
}

func (p *probe) run() {
	if p.kind == "unary" {
		resp := &payload{}
		err := p.client.Call(context.Background(), p.service, p.method, p.request, resp)
		p.lines = append(p.lines, outcome(resp, err))
		return
	}
	desc := &ttrpc.StreamDesc{StreamingClient: p.kind != "serverStream", StreamingServer: p.kind != "clientStream"}
	var request any
	if !desc.StreamingClient {
		request = p.request
	}
	stream, err := p.client.NewStream(context.Background(), desc, p.service, p.method, request)
	if err != nil {
		p.lines = append(p.lines, outcome(nil, err))
		return
	}
	for range p.sends {
		if err := stream.SendMsg(p.request); err != nil {
			p.lines = append(p.lines, "send: "+outcome(nil, err))
		}
	}
	if p.end {
		if err := stream.CloseSend(); err != nil {
			p.lines = append(p.lines, "end of sending: "+outcome(nil, err))
		}
	}
	time.Sleep(p.pause)
	for range p.reads {
		if !p.read(stream) {
			return
		}
	}
}

// A read that does not come back is a finding of its own; the goroutine that waits for it ends with the process.
func (p *probe) read(stream ttrpc.ClientStream) bool {
	line := make(chan string, 1)
	go func() {
		resp := &payload{}
		err := stream.RecvMsg(resp)
		line <- outcome(resp, err)
	}()
	select {
	case text := <-line:
		p.lines = append(p.lines, text)
		return true
	case <-time.After(time.Second):
		p.lines = append(p.lines, "nothing: the read waits")
		return false
	}
}

func outcome(resp *payload, err error) string {
	switch code, text := report.Code(err); {
	case errors.Is(err, io.EOF):
		return "end"
	case code == report.NoStatus:
		return fmt.Sprintf("error %q", text)
	case err != nil && proto.Size(resp) > 0:
		return fmt.Sprintf("code %d %q, and message %d %s", code, text, resp.Seq, quoted(resp.Msg))
	case err != nil:
		return fmt.Sprintf("code %d %q", code, text)
	default:
		return fmt.Sprintf("message %d %s", resp.Seq, quoted(resp.Msg))
	}
}

func quoted(text string) string {
	if len(text) > 1000 {
		return fmt.Sprintf("of %d letters", len(text))
	}
	return fmt.Sprintf("%q", text)
}
