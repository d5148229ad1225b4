package hub

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"lintas/internal/access"
	"lintas/internal/fault"
)

// Operator is who keeps the stream and the consumers of a hub, embedded or
// external. It reads no message.
type Operator struct {
	nc     *nats.Conn
	js     jetstream.JetStream
	copies int
	limits Limits
}

// Dial says how to reach an external cluster as its operator.
type Dial struct {
	URLs []string
	Seed string // of the nkey that the configuration names as operator
	TLS  *tls.Config
	// Copies of every message; 0 is 3.
	Copies int
	Limits Limits
}

// Connect reaches an external cluster as its operator.
func Connect(ctx context.Context, d Dial) (*Operator, error) {
	public, sign, err := Signer(d.Seed)
	if err != nil {
		return nil, err
	}
	opts := []nats.Option{nats.Nkey(public, sign), nats.Name("operator"), nats.MaxReconnects(-1)}
	if d.TLS != nil {
		opts = append(opts, nats.Secure(d.TLS), nats.TLSHandshakeFirst())
	}
	var nc *nats.Conn
	for {
		nc, err = nats.Connect(strings.Join(d.URLs, ","), opts...)
		if err == nil {
			break
		}
		if errors.Is(err, nats.ErrAuthorization) {
			return nil, fault.Wrap(fault.Forbidden, "fault.hub.operator", err)
		}
		select {
		case <-ctx.Done():
			return nil, unavailable(errors.Join(ctx.Err(), err))
		case <-time.After(200 * time.Millisecond):
		}
	}
	fill(&d.Copies, 3)
	return newOperator(nc, d.Copies, d.Limits.filled())
}

func newOperator(nc *nats.Conn, copies int, l Limits) (*Operator, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		nc.Close()
		return nil, unavailable(err)
	}
	return &Operator{nc: nc, js: js, copies: copies, limits: l}, nil
}

func unavailable(err error) error {
	return fault.Wrap(fault.Unavailable, "fault.hub.unavailable", err)
}

// Close leaves the hub.
func (o *Operator) Close() { o.nc.Close() }

// Provision creates or updates the stream and one durable consumer for each
// member, and deletes the consumers of those who are members no more. It may
// be repeated at any time.
func (o *Operator) Provision(ctx context.Context, members []Member) error {
	if err := checkMembers(members); err != nil {
		return err
	}
	if err := o.stream(ctx); err != nil {
		return err
	}
	keep := map[string]bool{}
	for _, m := range members {
		for _, c := range consumers(string(m.Code)) {
			keep[c.name] = true
			if err := o.consumer(ctx, c); err != nil {
				return err
			}
		}
	}
	s, err := o.js.Stream(ctx, Stream)
	if err != nil {
		return unavailable(err)
	}
	names := s.ConsumerNames(ctx)
	for name := range names.Name() {
		if keep[name] {
			continue
		}
		if err := s.DeleteConsumer(ctx, name); err != nil && !errors.Is(err, jetstream.ErrConsumerNotFound) {
			return unavailable(fmt.Errorf("deleting the consumer of %s: %w", name, err))
		}
	}
	if err := names.Err(); err != nil {
		return unavailable(err)
	}
	return nil
}

// stream waits for a cluster to elect its leader, which takes some seconds
// after a start.
func (o *Operator) stream(ctx context.Context) error {
	cfg := jetstream.StreamConfig{
		Name: Stream, Subjects: []string{"x.v1.*.*"},
		Storage: jetstream.FileStorage, Replicas: o.copies,
		Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardOld,
		Duplicates: duplicates, MaxMsgSize: MaxPayload,
		MaxAge: o.limits.Age, MaxMsgsPerSubject: o.limits.PerSubject, MaxBytes: o.limits.Bytes,
		AllowDirect: true, AllowMsgTTL: true, DenyDelete: true,
	}
	if cfg.MaxBytes == 0 {
		cfg.MaxBytes = -1
	}
	return o.until(ctx, "stream", func(ctx context.Context) error {
		_, err := o.js.CreateOrUpdateStream(ctx, cfg)
		return err
	})
}

// durable is one of a member's consumers: a queue of its own.
type durable struct {
	name    string
	filters []string
}

// consumers are those of a member: files wait in a queue of their own.
func consumers(code string) []durable {
	return []durable{
		{code, []string{Subject("*", code), Subject("*", Everyone)}},
		{code + filesQueue, []string{Subject("*", ForFiles+code), Subject("*", ForFiles+Everyone)}},
	}
}

const filesQueue = "-files" // no code has a hyphen

func (o *Operator) consumer(ctx context.Context, c durable) error {
	cfg := jetstream.ConsumerConfig{
		Durable: c.name, Replicas: o.copies,
		FilterSubjects: c.filters,
		AckPolicy:      jetstream.AckAllPolicy, AckWait: ackWait,
		DeliverPolicy: jetstream.DeliverAllPolicy,
		MaxAckPending: maxAckPending, MaxWaiting: maxWaiting,
		MaxRequestBatch: maxBatch, MaxRequestMaxBytes: maxPullBytes,
	}
	return o.until(ctx, "consumer "+c.name, func(ctx context.Context) error {
		_, err := o.js.CreateOrUpdateConsumer(ctx, Stream, cfg)
		return err
	})
}

// until repeats what fails only because a cluster is not ready yet.
func (o *Operator) until(ctx context.Context, what string, f func(context.Context) error) error {
	for {
		once, cancel := context.WithTimeout(ctx, 5*time.Second)
		err := f(once)
		cancel()
		if err == nil {
			return nil
		}
		var api *jetstream.APIError
		if errors.As(err, &api) && api.Code != 503 && api.Code != 500 {
			return unavailable(fmt.Errorf("%s: %w", what, err))
		}
		select {
		case <-ctx.Done():
			return unavailable(fmt.Errorf("%s: %w", what, errors.Join(ctx.Err(), err)))
		case <-time.After(250 * time.Millisecond):
		}
	}
}

// Stats are the hub's figures for its operator.
type Stats struct {
	Messages uint64
	Bytes    uint64
	Leader   string // the server that leads the stream; "" when there is one only
	Current  int    // servers that have all of it
	Members  []MemberStats
}

// MemberStats are one member's. Connections is -1 where the hub is external
// and its own monitoring has the answer.
type MemberStats struct {
	Code        access.Member
	Connections int
	Waiting     uint64    // not yet handed over
	Unacked     int       // handed over, not yet confirmed
	LastAck     time.Time // zero: never
}

// statsTry is how long one question waits: while servers of a cluster elect
// a leader a question may stay without any answer, and is asked again.
const statsTry = 3 * time.Second

// Stats asks for the state of the stream and of every member's consumer, again
// and again until there is an answer or ctx ends.
func (o *Operator) Stats(ctx context.Context) (Stats, error) {
	for {
		try, cancel := context.WithTimeout(ctx, statsTry)
		st, err := o.stats(try)
		silent := errors.Is(try.Err(), context.DeadlineExceeded)
		cancel()
		if err == nil || !silent || ctx.Err() != nil {
			return st, err
		}
	}
}

func (o *Operator) stats(ctx context.Context) (Stats, error) {
	s, err := o.js.Stream(ctx, Stream)
	if err != nil {
		return Stats{}, unavailable(err)
	}
	info := s.CachedInfo()
	out := Stats{Messages: info.State.Msgs, Bytes: info.State.Bytes, Current: 1}
	if c := info.Cluster; c != nil && o.copies > 1 {
		out.Leader = c.Leader
		for _, r := range c.Replicas {
			if r.Current && !r.Offline {
				out.Current++
			}
		}
	}
	list := s.ListConsumers(ctx)
	for c := range list.Info() {
		if strings.HasSuffix(c.Name, filesQueue) {
			continue
		}
		m := MemberStats{Code: access.Member(c.Name), Connections: -1,
			Waiting: c.NumPending, Unacked: c.NumAckPending}
		if c.AckFloor.Last != nil {
			m.LastAck = c.AckFloor.Last.UTC()
		}
		out.Members = append(out.Members, m)
	}
	if err := list.Err(); err != nil {
		return Stats{}, unavailable(err)
	}
	slices.SortFunc(out.Members, func(a, b MemberStats) int {
		if a.Code < b.Code {
			return -1
		}
		return 1
	})
	return out, nil
}
