// Package report prints one JSON line for each outcome, which is all a test in another language has to read.
package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"google.golang.org/grpc/status"
)

// Facts are the numbers and texts one case adds to its line.
type Facts map[string]any

// Outcome is one line. OK and Error say whether the peer did what Go's server does; Code and Text say how the last call
// under test ended, which for many cases is an error and still the right answer.
type Outcome struct {
	Case  string `json:"case"`
	OK    bool   `json:"ok"`
	Error string `json:"error"`
	Code  int    `json:"code"`
	Text  string `json:"text"`
	Facts Facts  `json:"-"`
}

// NoStatus is the code of an error that carries no gRPC status.
const NoStatus = -1

// Code gives code and text of an error: 0 and "" for success.
func Code(err error) (int, string) {
	if err == nil {
		return 0, ""
	}
	if st, ok := status.FromError(err); ok {
		return int(st.Code()), st.Message()
	}
	return NoStatus, err.Error()
}

// Write appends the facts after the fixed fields, in sorted order, so that lines are easy to compare by eye.
func Write(w io.Writer, o Outcome) error {
	line, err := marshal(o)
	if err != nil {
		return err
	}
	if len(o.Facts) > 0 {
		facts, err := marshal(o.Facts)
		if err != nil {
			return err
		}
		line = append(append(line[:len(line)-1], ','), facts[1:]...)
	}
	_, err = fmt.Fprintf(w, "%s\n", line)
	return err
}

func marshal(v any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(out.Bytes()), nil
}
