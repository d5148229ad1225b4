package rest

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"lintas/internal/access"
	"lintas/internal/api"
	"lintas/internal/desk/health"
	"lintas/internal/exchange"
	"lintas/internal/id"
)

func (d *Desk) addFiles(a *api.API) {
	const files, file = "/{id}/files", "/{id}/files/{file}"
	attach := api.Op{Method: "POST", Path: notifications + files, ID: "health-notification-attach", Summary: "Attach a file to a draft", Tag: "health", Scope: Write, Status: 201,
		Takes: exchange.MaxFile, Description: "The body is the file. Who may not edit the draft is refused before the first byte is kept."}
	api.Add(a, attach, d.attach)
	api.Add(a, api.Op{Method: "GET", Path: notifications + files, ID: "health-notification-files", Summary: "List attachments, with how far each has come at each recipient", Tag: "health", Scope: Read}, d.sentFiles)
	api.Add(a, api.Op{Method: "GET", Path: notifications + file, ID: "health-notification-file", Summary: "Download an attachment", Tag: "health", Scope: Read, Gives: true}, d.sentFile)
	api.Add(a, api.Op{Method: "DELETE", Path: notifications + file, ID: "health-notification-detach", Summary: "Take an attachment from a draft; its bytes are deleted", Tag: "health", Scope: Write,
		Status: 204, Problems: []int{409}}, d.detach)
	api.Add(a, api.Op{Method: "GET", Path: notices + files, ID: "health-notice-files", Summary: "List the attachments of a received notification, with how far each has come", Tag: "health", Scope: Read}, d.receivedFiles)
	api.Add(a, api.Op{Method: "GET", Path: notices + file, ID: "health-notice-file", Summary: "Download a received attachment", Tag: "health", Scope: Read, Gives: true,
		Description: "Only one that is whole and is what its sender announced.", Problems: []int{409}}, d.receivedFile)
}

// AttachedDoc is an attachment with how far it is.
type AttachedDoc struct {
	FileDoc
	State    health.FileState `json:"state" enum:"here,sending,sent,arrived,waiting,complete,damaged,stopped"`
	Have     int              `json:"have" doc:"Parts that are with the exchange, or have come."`
	Parts    int              `json:"parts"`
	Arrivals []ArrivalDoc     `json:"arrivals,omitempty" doc:"At the sender: every recipient."`
}

// ArrivalDoc is how far one recipient has come with a file.
type ArrivalDoc struct {
	Member access.Member `json:"member"`
	Have   int           `json:"have"`
	Whole  bool          `json:"whole"`
}

func (AttachedDoc) view() {}

func attachedOf(f *health.Attached) AttachedDoc {
	out := AttachedDoc{FileDoc: fileOf(&f.File), State: f.State, Have: f.Have, Parts: f.Chunks}
	for _, r := range f.Arrivals {
		out.Arrivals = append(out.Arrivals, ArrivalDoc{Member: r.Member, Have: r.Have, Whole: r.Whole})
	}
	return out
}

// FileByID is the input of an operation on one attachment.
type FileByID struct {
	ByID
	File string `path:"file" format:"uuid" doc:"The attachment's identifier."`
}

func (in FileByID) file() id.ID { return api.Ref(in.File) }

func (d *Desk) attach(ctx context.Context, c *api.Call, in *struct {
	ByID
	api.Upload
}) (*api.Made[AttachedDoc], error) {
	f, err := d.desk.Attach(ctx, c.Actor, in.id(), in.Name, in.File())
	if err != nil {
		return nil, err
	}
	x := health.Attached{File: f, State: health.FileHere}
	if p, err := d.desk.NotificationPage(ctx, c.Actor, in.id()); err == nil { // a token may write without reading
		for _, a := range p.Attached {
			if a.ID == f.ID {
				x = a
			}
		}
	}
	out := made(notifications+"/"+string(in.id())+"/files/"+string(f.ID), 1, attachedOf(&x))
	out.ETag = "" // a file has no versions
	return out, nil
}

func (d *Desk) sentFiles(ctx context.Context, c *api.Call, in *ByID) (*api.List[AttachedDoc], error) {
	p, err := d.desk.NotificationPage(ctx, c.Actor, in.id())
	if err != nil {
		return nil, err
	}
	return list(each(p.Attached, attachedOf), ""), nil
}

func (d *Desk) receivedFiles(ctx context.Context, c *api.Call, in *ByID) (*api.List[AttachedDoc], error) {
	p, err := d.desk.NoticePage(ctx, c.Actor, in.id())
	if err != nil {
		return nil, err
	}
	return list(each(p.Attached, attachedOf), ""), nil
}

func (d *Desk) sentFile(ctx context.Context, c *api.Call, in *FileByID) (*huma.StreamResponse, error) {
	f, body, err := d.desk.NotificationFile(ctx, c.Actor, in.id(), in.file())
	if err != nil {
		return nil, err
	}
	return api.Download(f.Name, f.Size, body), nil
}

func (d *Desk) receivedFile(ctx context.Context, c *api.Call, in *FileByID) (*huma.StreamResponse, error) {
	f, body, err := d.desk.NoticeFile(ctx, c.Actor, in.id(), in.file())
	if err != nil {
		return nil, err
	}
	return api.Download(f.Name, f.Size, body), nil
}

func (d *Desk) detach(ctx context.Context, c *api.Call, in *FileByID) (*api.None, error) {
	return &api.None{}, d.desk.Detach(ctx, c.Actor, in.id(), in.file())
}
