package hub

import (
	"github.com/nats-io/nkeys"

	"lintas/internal/fault"
)

// NewUser makes the nkey with which a node, or the operator of a cluster,
// signs in to the hub: the seed stays with its owner.
func NewUser() (seed, public string, err error) {
	kp, err := nkeys.CreateUser()
	if err != nil {
		return "", "", fault.Wrap(fault.Internal, "fault.internal", err)
	}
	s, err := kp.Seed()
	if err != nil {
		return "", "", fault.Wrap(fault.Internal, "fault.internal", err)
	}
	public, err = kp.PublicKey()
	if err != nil {
		return "", "", fault.Wrap(fault.Internal, "fault.internal", err)
	}
	return string(s), public, nil
}

// Signer answers the hub's challenge with a seed. It also names the public
// half, so that both cannot be mixed up.
func Signer(seed string) (public string, sign func(nonce []byte) ([]byte, error), err error) {
	kp, err := nkeys.FromSeed([]byte(seed))
	if err == nil {
		public, err = kp.PublicKey()
	}
	if err != nil || !nkeys.IsValidPublicUserKey(public) {
		return "", nil, fault.Wrap(fault.Invalid, "fault.hub.seed", err)
	}
	return public, kp.Sign, nil
}
