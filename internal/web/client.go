package web

import (
	"net/http"
	"net/netip"
	"strings"
)

func (s *Server) client(r *http.Request) netip.Addr {
	return ClientAddr(r, s.cfg.Proxies)
}

// ClientAddr is the address that a request came from. X-Forwarded-For is read
// from its end, as far as the addresses are listed proxies: the first that is
// not listed is the client, whatever it wrote before itself.
func ClientAddr(r *http.Request, proxies []netip.Prefix) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr := at.Addr().Unmap().WithZone("")
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && trusted(addr, proxies); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		addr = hop.Unmap().WithZone("")
	}
	return addr
}

func trusted(a netip.Addr, proxies []netip.Prefix) bool {
	for _, p := range proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
