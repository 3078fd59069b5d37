// Command raw sends hand-made bytes to a ttrpc server and prints the frames that come back. It is how the answers of Go's
// server to wrong input are found out, so it knows the frame header and nothing else of the protocol.
package main

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"ttrpc.test/peers/go/internal/endpoint"
)

type command struct {
	Send      *string `json:"send"`
	Wait      *int    `json:"wait"`
	TimeoutMs int     `json:"timeoutMs"`
	HalfClose bool    `json:"halfclose"`
	Close     bool    `json:"close"`
}

type frame struct {
	ID      uint32 `json:"id"`
	Type    uint8  `json:"type"`
	Flags   uint8  `json:"flags"`
	Payload string `json:"payload"`
}

func main() {
	address := flag.String("address", "", "unix:///path, unix:@name or tcp://host:port")
	flag.Parse()
	conn, err := endpoint.Dial(*address)
	if err == nil {
		err = drive(conn, json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "raw:", err)
		os.Exit(1)
	}
}

func drive(conn net.Conn, in *json.Decoder, out *json.Encoder) error {
	defer conn.Close()
	// Reading goes on all the time: a server whose replies nobody takes would stop reading, too.
	frames := make(chan frame, 1<<16)
	go read(conn, frames)
	for {
		var c command
		switch err := in.Decode(&c); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := c.run(conn, frames, out); err != nil {
			return err
		}
		if c.Close {
			return nil
		}
	}
}

func (c command) run(conn net.Conn, frames <-chan frame, out *json.Encoder) error {
	switch {
	case c.Send != nil:
		bytes, err := hex.DecodeString(*c.Send)
		if err != nil {
			return err
		}
		// A server may have hung up by now. That shows as "closed" at the next wait, which is where a test looks.
		if _, err := conn.Write(bytes); err != nil {
			fmt.Fprintln(os.Stderr, "raw: send:", err)
		}
		return nil
	case c.Wait != nil:
		return wait(*c.Wait, c.TimeoutMs, frames, out)
	case c.HalfClose:
		half, ok := conn.(interface{ CloseWrite() error })
		if !ok {
			return fmt.Errorf("cannot half-close %T", conn)
		}
		return half.CloseWrite()
	}
	return nil
}

// wait ends with the frames asked for, with a line for the end of the connection, or with one for the time being over.
func wait(n, timeoutMs int, frames <-chan frame, out *json.Encoder) error {
	if timeoutMs == 0 {
		timeoutMs = 1000
	}
	timeout := time.After(time.Duration(timeoutMs) * time.Millisecond)
	for got := range n {
		select {
		case f, open := <-frames:
			if !open {
				return out.Encode(map[string]any{"closed": true})
			}
			if err := out.Encode(f); err != nil {
				return err
			}
		case <-timeout:
			return out.Encode(map[string]any{"timeout": true, "got": got})
		}
	}
	return nil
}

func read(conn io.Reader, frames chan<- frame) {
	defer close(frames)
	for {
		var header [10]byte
		if _, err := io.ReadFull(conn, header[:]); err != nil {
			return
		}
		payload := make([]byte, binary.BigEndian.Uint32(header[:4]))
		if _, err := io.ReadFull(conn, payload); err != nil {
			return
		}
		frames <- frame{
			ID:      binary.BigEndian.Uint32(header[4:8]),
			Type:    header[8],
			Flags:   header[9],
			Payload: hex.EncodeToString(payload),
		}
	}
}
