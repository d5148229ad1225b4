// Package request is the part of the health desk in which one state asks for
// help and others give it: requests and offers by lines, arrangements that both
// sides sign, and the teams and goods that follow, each side with its own half.
package request

import (
	"crypto/ed25519"
	"embed"
	"io/fs"
	"time"

	"lintas/internal/access"
	"lintas/internal/db"
	"lintas/internal/desk"
	"lintas/internal/desk/health"
)

// Name of the part in releases, history and URLs.
const Name = "request"

//go:embed schema/*.sql
var schemaFS embed.FS

// Schema is the part's share of the database.
var Schema = db.Schema{Name: Name, FS: sub(schemaFS)}

func sub(f embed.FS) fs.FS {
	s, err := fs.Sub(f, "schema")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return s
}

// Kinds of messages between nodes. Each carries the newest state of what its
// sender owns, so that an older one that comes late changes nothing.
const (
	KindRequest     = "request.request"     // a version of a request, its closing, or its withdrawal
	KindAnswer      = "request.answer"      // an addressee declines, or takes that back
	KindProgress    = "request.progress"    // how far a request is met, for regional bodies
	KindOffer       = "request.offer"       // an offer, or its withdrawal
	KindDecision    = "request.decision"    // what the requester takes of an offer
	KindArrangement = "request.arrangement" // texts and signatures
	KindDeployment  = "request.deployment"  // the sender's half of a deployment
	KindHosting     = "request.hosting"     // the host's half
	KindConsignment = "request.consignment" // the sender's half of a consignment
	KindArrival     = "request.arrival"     // the receiver's half
	bodySchema      = 1
)

var messageKinds = []string{KindRequest, KindAnswer, KindProgress, KindOffer, KindDecision, KindArrangement, KindDeployment, KindHosting, KindConsignment, KindArrival}

// Kinds of records. Two of each pair share their Go type: the record of who
// gives it, and the record of who got it.
const (
	OwnRequest  = "request.request"
	Call        = "request.call" // a request of another member
	OwnOffer    = "request.offer"
	Bid         = "request.bid" // an offer of another member
	Agreement   = "request.arrangement"
	OwnTeam     = "request.deployment"
	HostedTeam  = "request.hosting"
	OwnGoods    = "request.consignment"
	AwaitedGood = "request.arrival"
)

// Kinds of records in the order of the lists.
var Kinds = []string{OwnRequest, Call, OwnOffer, Bid, Agreement, OwnTeam, HostedTeam, OwnGoods, AwaitedGood}

// Manifest tells the node what the part is made of.
func Manifest() desk.Manifest {
	m := desk.Manifest{Name: Name, Schema: Schema, Tables: []desk.TableText{desk.Describe(Requests), desk.Describe(Calls), desk.Describe(Offers),
		desk.Describe(Bids), desk.Describe(Arrangements), desk.Describe(Deployments), desk.Describe(Hostings), desk.Describe(Consignments), desk.Describe(Arrivals)}}
	for _, k := range messageKinds {
		m.Messages = append(m.Messages, desk.Message{Kind: k, Schema: bodySchema})
	}
	return m
}

// Keys are those of the node and of the region's directory.
type Keys interface {
	// Sign signs with the member's own key and names the key.
	Sign(message []byte) (key string, value []byte)
	// Public is the key by which a member may have signed at a time.
	Public(m access.Member, key string, at time.Time) (ed25519.PublicKey, error)
}

// Desk is the part at one node.
type Desk struct {
	env    *desk.Env
	events *health.Desk
	keys   Keys
	from   Sources
	boards boards

	requests, calls      *desk.Kind[Request]
	offers, bids         *desk.Kind[Offer]
	arrangements         *desk.Kind[Arrangement]
	deployments, hosting *desk.Kind[Deployment]
	goods, arrivals      *desk.Kind[Consignment]
}

// New makes the part of a node; events are the desk's, for what a request is
// about.
func New(env *desk.Env, events *health.Desk, keys Keys) *Desk {
	return &Desk{env: env, events: events, keys: keys,
		requests: kindOf(OwnRequest, Requests, validateRequest), calls: kindOf(Call, Calls, validateRequest),
		offers: kindOf(OwnOffer, Offers, validateOffer), bids: kindOf(Bid, Bids, validateOffer),
		arrangements: kindOf(Agreement, Arrangements, validateArrangement),
		deployments:  kindOf(OwnTeam, Deployments, validateDeployment), hosting: kindOf(HostedTeam, Hostings, validateDeployment),
		goods: kindOf(OwnGoods, Consignments, validateConsignment), arrivals: kindOf(AwaitedGood, Arrivals, validateConsignment)}
}
