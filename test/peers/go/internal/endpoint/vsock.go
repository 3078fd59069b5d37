package endpoint

import (
	"fmt"
	"math"
	"net"
	"strconv"
	"strings"

	"github.com/mdlayher/vsock"
)

const vsockNetwork = "vsock"

// parseVsock takes cid:port; cid -1 is any, for listening.
func parseVsock(target string) (cid, port uint32, err error) {
	cidText, portText, _ := strings.Cut(target, ":")
	if cidText == "-1" {
		cidText = strconv.FormatUint(math.MaxUint32, 10)
	}
	cid64, cidErr := strconv.ParseUint(cidText, 10, 32)
	port64, portErr := strconv.ParseUint(portText, 10, 32)
	if cidErr != nil || portErr != nil {
		return 0, 0, fmt.Errorf("address %q: want vsock://cid:port", "vsock://"+target)
	}
	return uint32(cid64), uint32(port64), nil
}

func dialVsock(target string) (net.Conn, error) {
	cid, port, err := parseVsock(target)
	if err != nil {
		return nil, err
	}
	return vsock.Dial(cid, port, nil)
}

func listenVsock(target string) (net.Listener, error) {
	cid, port, err := parseVsock(target)
	if err != nil {
		return nil, err
	}
	return vsock.ListenContextID(cid, port, nil)
}

// ofVsock is what dialVsock takes to reach addr: a listener for any cid is reached through the machine's own, 1.
func ofVsock(addr *vsock.Addr) string {
	cid := addr.ContextID
	if cid == math.MaxUint32 {
		cid = vsock.Local
	}
	return fmt.Sprintf("vsock://%d:%d", cid, addr.Port)
}
