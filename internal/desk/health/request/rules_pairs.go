package request

import (
	"slices"
	"time"

	"lintas/internal/workflow"
)

// waitsHere reports whether a text waits for this side's signature.
func (a *Arrangement) waitsHere() bool {
	return slices.ContainsFunc(a.Waiting(), func(d string) bool { return a.SignedBy(a.Owner, d) == nil })
}

var (
	noSignature = never[Arrangement]()
	signClock   = after[Arrangement]("request_sign", SignWithin)
	stillWaits  = within("request_sign", func(a Arrangement, now time.Time) time.Time {
		if a.waitsHere() {
			return now.Add(SignWithin)
		}
		return time.Time{}
	})
	noMission = never[Deployment]()
	// hostClock runs while the sender waits for a word of the host.
	hostClock = within("request_host", func(d Deployment, _ time.Time) time.Time {
		waits := d.State == "" || d.State == Proposed || d.State == Accepted && d.Mission.State == ClearanceAsked ||
			d.State == Arrived && d.Mission.Ask.N > d.Host.Extended.N
		if waits {
			return d.Mission.At.Add(HostWithin)
		}
		return time.Time{}
	})
	noGoods        = never[Consignment]()
	reconcileClock = within("request_reconcile", func(c Consignment, _ time.Time) time.Time {
		if c.State == Shipped && c.Receipt.State == GoodsReceived {
			return c.Receipt.At.Add(ReconcileWithin)
		}
		return time.Time{}
	})
	confirmClock = within("request_confirm", func(c Consignment, _ time.Time) time.Time {
		if end := dayEnd(c.Shipment.ETA); c.Shipment.State == Shipped && c.Receipt.State != GoodsReceived && !end.IsZero() {
			return end.Add(ConfirmWithin)
		}
		return time.Time{}
	})
)

// Needs of arrangements.
var (
	textComplete = []workflow.Need[Arrangement]{
		need("title", func(a Arrangement) bool { return a.Draft != nil && a.Draft.Title != "" }),
		need("period", func(a Arrangement) bool { return a.Draft != nil && a.Draft.From != "" && a.Draft.Until != "" }),
		need("scope", func(a Arrangement) bool { return a.Draft != nil && len(a.Draft.Scope) > 0 }),
	}
	changeComplete   = need("change", func(a Arrangement) bool { return len(a.Waiting()) > 0 && said(a.words) })
	arrangementWords = need("words", func(a Arrangement) bool { return said(a.words) })
	// textOpen: the text that the person has before them is one that waits,
	// and no other text of its number has this side's signature.
	textOpen     = need("text_open", func(a Arrangement) bool { return a.isOpen })
	ownUnsigned  = need("own_unsigned", func(a Arrangement) bool { return a.isOpen })
	nothingWaits = need("nothing_waits", func(a Arrangement) bool { return len(a.Waiting()) == 0 && a.Holds == "" })
	bothSigned   = need("both_signed", func(a Arrangement) bool { return a.Holds != "" })
)

// mayTakeBack: this side proposed the text and nobody signed it.
func (a *Arrangement) mayTakeBack(digest string) bool {
	t, _ := a.TermsOf(digest)
	return t != nil && t.By == a.Owner && slices.Contains(a.Waiting(), digest) &&
		!slices.ContainsFunc(a.Signatures, func(s Signature) bool { return s.Digest == digest })
}

// maySign: the text waits, and this side signed no other of its number.
func (a *Arrangement) maySign(digest string) bool {
	t, _ := a.TermsOf(digest)
	if t == nil || !slices.Contains(a.Waiting(), digest) || a.SignedBy(a.Owner, digest) != nil {
		return false
	}
	return !slices.ContainsFunc(a.Signatures, func(s Signature) bool {
		other, _ := a.TermsOf(s.Digest)
		return s.Member == a.Owner && other != nil && other.N == t.N
	})
}

// Needs of deployments.
var (
	missionReason   = need("reason", func(d Deployment) bool { return said(d.Mission.Reason) })
	deploymentWords = need("words", func(d Deployment) bool { return said(d.words) })
	missionComplete = []workflow.Need[Deployment]{
		need("title", func(d Deployment) bool { return d.Mission.Title != "" }),
		need("team", func(d Deployment) bool { return d.Mission.Team != "" && d.Mission.Teams > 0 && d.Mission.People > 0 }),
		need("period", func(d Deployment) bool { return d.Mission.From != "" && d.Mission.Until != "" }),
		need("tor", func(d Deployment) bool {
			return d.Mission.Team != "jmoir" || d.Mission.ToR.Objectives != "" && len(d.Mission.ToR.Sectors) > 0 && d.Mission.ToR.Outputs != ""
		}),
	}
	askingComplete = []workflow.Need[Deployment]{
		need("host_accepted", func(d Deployment) bool { return d.Host.State == Accepted }),
		need("manifest", func(d Deployment) bool { return len(d.Manifest) > 0 && len(d.Manifest) == d.Mission.People }),
		need("entry", func(d Deployment) bool { return d.Mission.Entry != "" && d.Mission.ETA != "" }),
	}
	hostCleared = need("host_cleared", func(d Deployment) bool {
		return d.Host.State == EntryCleared && int(d.Host.Cleared) >= d.Mission.People
	})
	basisHolds = need("basis", func(d Deployment) bool { return d.Arrangement == "" && d.Basis != "" || d.force })
	conveyance = need("conveyance", func(d Deployment) bool {
		return d.Mission.Conveyance != "" && d.Mission.ETD != "" && d.Mission.ETA != ""
	})
	hostArrived = need("host_arrived", func(d Deployment) bool { return d.Host.State == Arrived })
	laterEnd    = need("later_end", func(d Deployment) bool { return d.Mission.Ask.Until > d.Ends() && said(d.Mission.Ask.Words) })
	lastDay     = need("last_day", func(d Deployment) bool { return d.Mission.LastDay != "" })
	reported    = need("report", func(d Deployment) bool { return said(d.Mission.Report) })

	consent     = need("consent", func(d Deployment) bool { return d.Mission.Team != "jmoir" || said(d.Host.Consent) })
	senderAsked = need("sender_asked", func(d Deployment) bool { return d.Mission.State == ClearanceAsked })
	// clearanceComplete: how many people, until when, and the reference that
	// their officers will ask for.
	clearanceComplete = need("clearance", func(d Deployment) bool { return d.Host.Cleared > 0 && d.Host.ValidTo != "" && d.Host.Visa != "" })
	senderMobilised   = need("sender_mobilised", func(d Deployment) bool { return d.Mission.State == Mobilised })
	arrivalDay        = need("day", func(d Deployment) bool { return d.Host.Arrived != "" })
	extensionAsked    = need("extension", func(d Deployment) bool { return d.Host.Extended.N > 0 && d.Host.Extended.N == d.Mission.Ask.N })
	senderLeft        = need("sender_left", func(d Deployment) bool { return slices.Contains(states{Demobilised, Debriefed}, d.Mission.State) })
	departureDay      = need("day", func(d Deployment) bool { return d.Host.Departed != "" })
)

// Needs of consignments.
var (
	goodsReason   = need("reason", func(c Consignment) bool { return said(c.Shipment.Reason) })
	itemsComplete = []workflow.Need[Consignment]{
		need("title", func(c Consignment) bool { return c.Shipment.Title != "" }),
		need("items", func(c Consignment) bool { return len(c.Shipment.Items) > 0 }),
		need("packages", func(c Consignment) bool { return c.Shipment.Packages > 0 }),
	}
	goodsBasis = need("basis", func(c Consignment) bool { return c.Arrangement == "" && c.Basis != "" || c.force })
	carrier    = need("carrier", func(c Consignment) bool {
		return c.Shipment.Carrier != "" && c.Shipment.Waybill != "" && c.Shipment.ETA != ""
	})
	// papers are what specimens need to cross a border.
	papers = []workflow.Need[Consignment]{
		need("un_class", func(c Consignment) bool { return c.Shipment.Carries != Specimens || c.Shipment.Dangerous != "" }),
		need("permit", func(c Consignment) bool { return c.Shipment.Carries != Specimens || c.Shipment.Permit != "" }),
		need("transfer", func(c Consignment) bool { return c.Shipment.Carries != Specimens || c.Shipment.Transfer != "" }),
	}
	otherReceived   = need("other_received", func(c Consignment) bool { return c.Receipt.State == GoodsReceived })
	differencesSaid = need("differences", func(c Consignment) bool { return c.Receipt.Whole() || said(c.Shipment.Reconciled) })
	senderShipped   = need("sender_shipped", func(c Consignment) bool { return c.Shipment.State == Shipped })
	holdSaid        = need("hold", func(c Consignment) bool { return said(c.Receipt.HoldWhy) })
	everyLine       = need("every_line", func(c Consignment) bool {
		return len(c.Receipt.Got) == len(c.Shipment.Items) && len(c.Receipt.Got) > 0 && c.Receipt.Day != ""
	})
	importPermit = need("import_permit", func(c Consignment) bool { return c.Shipment.Carries != Specimens || c.Receipt.Import != "" })
	ofSpecimens  = need("specimens", func(c Consignment) bool { return c.Shipment.Carries == Specimens })
)
