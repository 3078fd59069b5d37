// Package testpayload holds the message of upstream's unary test service. Upstream keeps its generated type in an internal
// package, so the descriptor is built here by hand and used through dynamicpb.
package testpayload

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

// Service is the name upstream registers its test service under. It has no package, unlike every generated service.
const Service = "testService"

var (
	descriptor = build()
	foo        = descriptor.Fields().ByName("foo")
	deadline   = descriptor.Fields().ByName("deadline")
	metadata   = descriptor.Fields().ByName("metadata")
)

func build() protoreflect.MessageDescriptor {
	field := func(name string, number int32, kind descriptorpb.FieldDescriptorProto_Type) *descriptorpb.FieldDescriptorProto {
		return &descriptorpb.FieldDescriptorProto{
			Name:   proto.String(name),
			Number: proto.Int32(number),
			Type:   kind.Enum(),
			Label:  descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
		}
	}
	// The file stays out of the global registry: nothing looks the type up by name.
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name:    proto.String("testpayload.proto"),
		Package: proto.String("ttrpc"),
		Syntax:  proto.String("proto3"),
		MessageType: []*descriptorpb.DescriptorProto{{
			Name: proto.String("TestPayload"),
			Field: []*descriptorpb.FieldDescriptorProto{
				field("foo", 1, descriptorpb.FieldDescriptorProto_TYPE_STRING),
				field("deadline", 2, descriptorpb.FieldDescriptorProto_TYPE_INT64),
				field("metadata", 3, descriptorpb.FieldDescriptorProto_TYPE_STRING),
			},
		}},
	}, nil)
	if err != nil {
		panic(err)
	}
	return file.Messages().ByName("TestPayload")
}

// Payload is a proto.Message, so ttrpc's codec takes it as it is.
type Payload struct{ *dynamicpb.Message }

// New returns an empty message to decode into.
func New() Payload { return Payload{dynamicpb.NewMessage(descriptor)} }

// With returns a message with the given fields; zero values stay absent on the wire.
func With(fooValue string, deadlineValue int64, metadataValue string) Payload {
	p := New()
	p.Set(foo, protoreflect.ValueOfString(fooValue))
	p.Set(deadline, protoreflect.ValueOfInt64(deadlineValue))
	p.Set(metadata, protoreflect.ValueOfString(metadataValue))
	return p
}

func (p Payload) Foo() string      { return p.Get(foo).String() }
func (p Payload) Deadline() int64  { return p.Get(deadline).Int() }
func (p Payload) Metadata() string { return p.Get(metadata).String() }
