package exchange

import (
	"lintas/internal/exchange/directory"
	"lintas/internal/exchange/envelope"
)

// Runs. Each sequenced header repeats the hash of the whole header before it,
// and holds the digests of its own wraps and body. So one signature, that of
// the last of envelopes that follow one another in a channel, vouches for all
// of them, and one verification serves where a batch holds many. What does not
// follow is in no run: an envelope that anybody changed has another hash, and
// stands alone with its own signature. When the last of a run is not good,
// each is looked at by itself, so that the reason is that of the one message.

// runs parts the messages of others into those that are verified together, in
// their order.
func (x *Exchange) runs(items []*item) [][]*item {
	var out [][]*item
	open := map[channelKey]int{}
	for _, it := range items {
		if it.err != nil || it.env == nil || it.env.From == x.me {
			continue
		}
		k := channelKey{it.env.From, it.env.Channel}
		if at, ok := open[k]; ok {
			if run := out[at]; follows(run[len(run)-1].env, it.env) {
				out[at] = append(run, it)
				continue
			}
		}
		if it.env.Class == envelope.Sequenced {
			open[k] = len(out)
		}
		out = append(out, []*item{it})
	}
	return out
}

// follows reports whether the signature of next covers e too.
func follows(e, next *envelope.Envelope) bool {
	return next.Class == envelope.Sequenced && next.Epoch == e.Epoch && next.Seq == e.Seq+1 && next.Key == e.Key && next.Prev == e.Hash()
}

// verifyRun checks who signed a run. The key must have been in force at the
// time that each header states.
func verifyRun(run []*item, v *directory.View) {
	last := len(run) - 1
	good := true
	for _, it := range run[:last] {
		if _, err := v.SigningKey(it.env.From, it.env.Key, it.env.At()); err != nil {
			good = false
			break
		}
	}
	if good && run[last].verified(v) {
		for _, it := range run[:last] {
			it.trusted = true
		}
		return
	}
	for _, it := range run[:last] {
		it.verified(v)
	}
	if !good {
		run[last].verified(v)
	}
}

// verified checks the signature of one message.
func (it *item) verified(v *directory.View) bool {
	it.err = it.env.Verify(v.SigningKey)
	it.trusted = it.err == nil
	return it.trusted
}
