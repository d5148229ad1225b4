package nudge

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/wneessen/go-mail"
)

// SMTP is a mail server that takes nudges. TLS is "starttls" (the default),
// "tls" or, on loopback only, "none".
type SMTP struct {
	Host     string
	Port     int
	TLS      string
	User     string
	Password string
	From     string
}

// Mail sends one message of plain text. Auto-Submitted keeps answering
// machines quiet (RFC 3834).
func (s *SMTP) Mail(ctx context.Context, to, subject, text string) error {
	m := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := m.From(s.From); err != nil {
		return fmt.Errorf("nudge: the sender's address: %w", err)
	}
	if err := m.To(to); err != nil {
		return fmt.Errorf("nudge: a recipient's address cannot be used")
	}
	_, domain, _ := strings.Cut(s.From, "@")
	m.SetMessageIDWithValue(rand.Text() + "@" + domain) // the default would tell the machine's name
	m.Subject(subject)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetBodyString(mail.TypeTextPlain, text)
	opts := []mail.Option{mail.WithTimeout(oneSend)}
	switch s.TLS {
	case "tls":
		opts = append(opts, mail.WithSSL())
	case "none":
		opts = append(opts, mail.WithTLSPolicy(mail.NoTLS))
	default:
		opts = append(opts, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if s.Port != 0 {
		opts = append(opts, mail.WithPort(s.Port))
	}
	if s.User != "" {
		opts = append(opts, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(s.User), mail.WithPassword(s.Password))
	}
	c, err := mail.NewClient(s.Host, opts...)
	if err != nil {
		return fmt.Errorf("nudge: the mail server's settings: %w", err)
	}
	if err := c.DialAndSendWithContext(ctx, m); err != nil {
		return fmt.Errorf("nudge: sending mail: %w", err)
	}
	return nil
}
