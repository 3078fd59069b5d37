// Package endpoint turns one address string into a listener or a connection, so that every program here takes the same
// -address flag.
//
//	unix:///run/x.sock   a socket file (unix:/run/x.sock works as well)
//	unix:@name           a Linux abstract socket
//	tcp://127.0.0.1:0    TCP; port 0 lets the system choose
//	vsock://1:1024       vsock, inside of a virtual machine only; cid -1 listens for any
package endpoint

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/mdlayher/vsock"
)

func parse(address string) (network, target string, err error) {
	if rest, ok := strings.CutPrefix(address, "tcp://"); ok && rest != "" {
		return "tcp", rest, nil
	}
	if rest, ok := strings.CutPrefix(address, "unix:"); ok {
		// Go's own convention for abstract names is the leading "@", so the target needs no further translation.
		if rest = strings.TrimPrefix(rest, "//"); rest != "" {
			return "unix", rest, nil
		}
	}
	if rest, ok := strings.CutPrefix(address, "vsock://"); ok {
		return vsockNetwork, rest, nil
	}
	return "", "", fmt.Errorf("address %q: want unix:///path, unix:@name, tcp://host:port or vsock://cid:port", address)
}

// Dial connects once; the programs are started when the other side is known to listen.
func Dial(address string) (net.Conn, error) {
	network, target, err := parse(address)
	if err != nil {
		return nil, err
	}
	if network == vsockNetwork {
		return dialVsock(target)
	}
	return net.Dial(network, target)
}

// Listen also takes over a socket file whose owner died without removing it: tests kill servers and start them again on
// the same path. A file somebody still answers on is left alone.
func Listen(address string) (net.Listener, error) {
	network, target, err := parse(address)
	if err != nil {
		return nil, err
	}
	if network == vsockNetwork {
		return listenVsock(target)
	}
	l, err := net.Listen(network, target)
	if err == nil || network != "unix" || !errors.Is(err, syscall.EADDRINUSE) || strings.HasPrefix(target, "@") {
		return l, err
	}
	conn, dialErr := net.Dial(network, target)
	if dialErr == nil {
		conn.Close()
		return nil, err
	}
	if !errors.Is(dialErr, syscall.ECONNREFUSED) {
		return nil, err
	}
	if err := os.Remove(target); err != nil {
		return nil, err
	}
	return net.Listen(network, target)
}

// Of is the address a peer has to dial to reach l: the real port where the caller asked for port 0.
func Of(l net.Listener) string {
	addr := l.Addr()
	if machine, ok := addr.(*vsock.Addr); ok {
		return ofVsock(machine)
	}
	switch {
	case addr.Network() == "tcp":
		return "tcp://" + addr.String()
	case strings.HasPrefix(addr.String(), "@"):
		return "unix:" + addr.String()
	default:
		return "unix://" + addr.String()
	}
}
