package node

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"lintas/internal/exchange/pki"
	"lintas/internal/fault"
	"lintas/internal/web"
)

// stopWithin is how long open requests may take once the node is told to stop.
const stopWithin = 2 * time.Second

// Serve runs the exchange and the web address until ctx ends. Ready is called
// with the address on which the node listens.
func (n *Node) Serve(ctx context.Context, again <-chan os.Signal, ready func(addr string)) error {
	if n.Config.Demo {
		return fault.New(fault.Forbidden, "fault.node.demo_serve")
	}
	if n.Directory.Current() == nil {
		return fault.New(fault.Invalid, "fault.node.no_directory")
	}
	conf, err := n.serveTLS()
	if err != nil {
		return err
	}
	shell, err := n.Web(ctx)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", n.Listen())
	if err != nil {
		shell.Close()
		return fault.Wrap(fault.Unavailable, "fault.node.listen", err).With("listen", n.Listen())
	}
	server := web.HTTPServer(shell, conf, n.log)
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := serveOn(server, l); !errors.Is(err, http.ErrServerClosed) {
			stop(err)
		}
	})
	wg.Go(func() { n.Follow(ctx, again) })
	wg.Go(func() {
		if err := n.Run(ctx); err != nil {
			stop(err)
		}
	})
	ready(l.Addr().String())
	<-ctx.Done()
	shell.Close()
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	if err := server.Shutdown(end); err != nil {
		n.log.Warn("some requests were cut off", slog.Any("error", err))
		_ = server.Close() // they had their time
	}
	wg.Wait()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

func serveOn(s *http.Server, l net.Listener) error {
	if s.TLSConfig != nil {
		return s.ServeTLS(l, "", "")
	}
	return s.Serve(l)
}

// serveTLS is the certificate of the web address, read again when its files
// change; nil on loopback without one.
func (n *Node) serveTLS() (*tls.Config, error) {
	w := n.Config.Web
	if w.Cert == "" {
		return nil, nil
	}
	s, err := pki.Load(n.path(w.Cert), n.path(w.Key))
	if err != nil {
		return nil, err
	}
	return s.Config(), nil
}
