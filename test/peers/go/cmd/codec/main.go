// Command codec is Go's protobuf behind a pipe: it says what Go makes of bytes that somebody else encoded. It compiles .proto
// files itself (protocompile), so it shares neither a parser nor descriptors with the side under test.
//
//	codec -I DIR [-I DIR]... FILE...
//
// Requests come on stdin, responses go to stdout in the same order, until stdin ends. All integers are little-endian:
//
//	request   u32 length of the rest, u8 operation, u8 length of the type's name, name, bytes
//	response  u32 length of the rest, u8 0 and the result, or 1 and the text of the error
//
// Operations: 'b' binary to binary, 'd' the same without unknown fields, 'j' binary to ProtoJSON, 'p' ProtoJSON to binary.
// Binary results are deterministic: fields by number, map entries by key.
package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"strings"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/protoutil"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

// The largest request: far above what tests send, so that a side that lost count is told.
const maxRequest = 64 << 20

type folders []string

func (f *folders) String() string { return strings.Join(*f, " ") }

func (f *folders) Set(folder string) error {
	*f = append(*f, folder)
	return nil
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("codec: ")
	var include folders
	flag.Var(&include, "I", "folder that imports are looked up in; may be repeated")
	flag.Parse()
	if flag.NArg() == 0 {
		log.Fatal("no .proto file given")
	}
	files, err := compile(include, flag.Args())
	if err != nil {
		log.Fatal(err)
	}
	if err := serve(&codec{types: dynamicpb.NewTypes(files), known: map[string]protoreflect.MessageType{}}, os.Stdin, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func compile(include, names []string) (*protoregistry.Files, error) {
	compiler := protocompile.Compiler{
		Resolver: protocompile.WithStandardImports(&protocompile.SourceResolver{ImportPaths: include}),
	}
	compiled, err := compiler.Compile(context.Background(), names...)
	if err != nil {
		return nil, err
	}
	// Descriptors of Go's own making: protocompile's have no defaults for the keys of maps in proto2, which dynamicpb needs.
	set := &descriptorpb.FileDescriptorSet{}
	seen := map[string]bool{}
	for _, file := range compiled {
		collect(file, set, seen)
	}
	return protodesc.NewFiles(set)
}

// collect adds all that a file imports, and then the file.
func collect(file protoreflect.FileDescriptor, set *descriptorpb.FileDescriptorSet, seen map[string]bool) {
	if seen[file.Path()] {
		return
	}
	seen[file.Path()] = true
	for i := range file.Imports().Len() {
		collect(file.Imports().Get(i).FileDescriptor, set, seen)
	}
	set.File = append(set.File, protoutil.ProtoFromFileDescriptor(file))
}

type codec struct {
	types *dynamicpb.Types
	known map[string]protoreflect.MessageType
}

// lookUp makes each type once: making one costs more than decoding a message.
func (c *codec) lookUp(name string) (protoreflect.MessageType, error) {
	if known, ok := c.known[name]; ok {
		return known, nil
	}
	made, err := c.types.FindMessageByName(protoreflect.FullName(name))
	if err != nil {
		return nil, err
	}
	c.known[name] = made
	return made, nil
}

// handle answers one request. A panic is an answer, too: protobuf-go 1.36.11's reflection panics on a map entry that has its
// key twice, the second time with a wrong wire type.
func (c *codec) handle(operation byte, name string, input []byte) (result []byte, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			result, err = nil, fmt.Errorf("panic: %v", reason)
		}
	}()
	messageType, err := c.lookUp(name)
	if err != nil {
		return nil, err
	}
	message := messageType.New().Interface()
	// Any in ProtoJSON needs the types; extensions stay unknown fields, as they are for the other side.
	if operation == 'p' {
		err = protojson.UnmarshalOptions{Resolver: c.types}.Unmarshal(input, message)
	} else {
		err = proto.UnmarshalOptions{DiscardUnknown: operation == 'd', Resolver: noExtensions{}}.Unmarshal(input, message)
	}
	if err != nil {
		return nil, err
	}
	switch operation {
	case 'b', 'd', 'p':
		return proto.MarshalOptions{Deterministic: true}.Marshal(message)
	case 'j':
		return protojson.MarshalOptions{Resolver: c.types}.Marshal(message)
	}
	return nil, fmt.Errorf("operation %q is unknown", operation)
}

func serve(c *codec, in io.Reader, out io.Writer) error {
	reader := bufio.NewReaderSize(in, 1<<16)
	writer := bufio.NewWriterSize(out, 1<<16)
	var header [4]byte
	var request []byte
	for {
		// What has been answered goes out before waiting for more.
		if reader.Buffered() == 0 {
			if err := writer.Flush(); err != nil {
				return err
			}
		}
		if _, err := io.ReadFull(reader, header[:]); errors.Is(err, io.EOF) {
			return writer.Flush()
		} else if err != nil {
			return err
		}
		length := binary.LittleEndian.Uint32(header[:])
		if length < 2 || length > maxRequest {
			return fmt.Errorf("a request of %d bytes", length)
		}
		if uint32(cap(request)) < length {
			request = make([]byte, length)
		}
		request = request[:length]
		if _, err := io.ReadFull(reader, request); err != nil {
			return err
		}
		end := 2 + int(request[1])
		if end > len(request) {
			return errors.New("a request whose name goes beyond its end")
		}
		status := byte(0)
		result, err := c.handle(request[0], string(request[2:end]), request[end:])
		if err != nil {
			status, result = 1, []byte(err.Error())
		}
		binary.LittleEndian.PutUint32(header[:], uint32(len(result)+1))
		for _, part := range [][]byte{header[:], {status}, result} {
			if _, err := writer.Write(part); err != nil {
				return err
			}
		}
	}
}
