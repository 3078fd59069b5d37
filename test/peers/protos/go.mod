module ttrpc.test/peers/protos

go 1.25.0

require (
	github.com/containerd/containerd v1.4.13
	github.com/containerd/containerd/api v1.12.0
	github.com/containerd/nri v0.12.5
	github.com/containerd/ttrpc v1.2.10
	github.com/gogo/protobuf v1.3.2
)
