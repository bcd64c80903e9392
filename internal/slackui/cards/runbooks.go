package cards

import (
	"net/url"
	"strings"

	"github.com/scalebot/scalebot/internal/runbook"
)

// RunbookLinks names the related runbooks. A path in a repository is not a web address,
// so it is shown as text beside its name and not as a link.
func RunbookLinks(runbooks []runbook.Link) string {
	if len(runbooks) == 0 {
		return ""
	}
	rows := make([]string, 0, len(runbooks))
	for _, r := range runbooks {
		rows = append(rows, RunbookLink(r))
	}
	return "Runbooks: " + strings.Join(rows, " · ")
}

// RunbookLink is a link to a page of the team's runbook.
func RunbookLink(r runbook.Link) string {
	name := Words(r.Name, MaxName)
	if address := webAddress(r.URL); address != "" {
		return "<" + address + "|" + strings.ReplaceAll(name, "|", "¦") + ">"
	}
	return name + " (" + code(r.URL, MaxWords) + ")"
}

// webAddress is the address in the form that Slack's links take, or empty when it is not a web
// address. Characters that would end the link are percent-encoded.
func webAddress(text string) string {
	address, err := url.Parse(text)
	if err != nil || address.Host == "" || address.Scheme != "https" && address.Scheme != "http" {
		return ""
	}
	return special.Replace(strings.NewReplacer("|", "%7C", "<", "%3C", ">", "%3E").Replace(address.String()))
}
