package slackemu

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/scalebot/scalebot/internal/blockkit"
)

// content is what a message contains, as the app sent it.
type content struct {
	text                          string
	blocks, attachments, metadata json.RawMessage
	hasText, hasBlocks, hasAttach bool
	hasMetadata                   bool
}

// maxMetadata is the size above which Slack answers metadata_too_large; the number is not
// published.
const maxMetadata = 16 << 10

// readContent checks and stores the content that the app sent. It does not check whether the
// content is empty. The caller holds the lock.
func (s *Server) readContent(a args) (content, error) {
	c := content{
		text: a["text"], blocks: a.raw("blocks"), attachments: a.raw("attachments"), metadata: a.raw("metadata"),
		hasText: a.has("text"), hasBlocks: a.has("blocks"), hasAttach: a.has("attachments"), hasMetadata: a.has("metadata"),
	}
	if markdown := a["markdown_text"]; markdown != "" {
		if c.text != "" || c.blocks != nil {
			return c, refuse("markdown_text_conflict")
		}
		c.text, c.hasText = markdown, true
	}
	if utf8.RuneCountInString(c.text) > blockkit.MessageText {
		c.text = string([]rune(c.text)[:blockkit.MessageText])
	}
	if err := s.checkBlocks(c.blocks, c.attachments); err != nil {
		return c, err
	}
	if err := checkMetadata(c.metadata); err != nil {
		return c, err
	}
	c.blocks, c.attachments = s.stored(c.blocks), s.storedAttachments(c.attachments)
	return c, nil
}

// empty tells whether there is nothing to show.
func (c content) empty() bool { return c.text == "" && c.blocks == nil && c.attachments == nil }

func checkMetadata(metadata json.RawMessage) error {
	if metadata == nil {
		return nil
	}
	var m struct {
		EventType    string `json:"event_type"`
		EventPayload object `json:"event_payload"`
	}
	switch err := json.Unmarshal(metadata, &m); {
	case err != nil:
		return refuse("invalid_metadata_format")
	case len(metadata) > maxMetadata:
		return refuse("metadata_too_large")
	case m.EventType == "" && len(m.EventPayload) > 0:
		return refuse("invalid_metadata_schema")
	}
	return nil
}

// checkBlocks refuses what Slack would refuse, with Slack's error messages. The caller holds the
// lock.
func (s *Server) checkBlocks(blocks, attachments json.RawMessage) error {
	if blocks != nil && (!json.Valid(blocks) || blocks[0] != '[') {
		return refuse("invalid_blocks_format")
	}
	if attachments != nil && (!json.Valid(attachments) || attachments[0] != '[') {
		return refuse("invalid_attachments")
	}
	body := object{}
	if blocks != nil {
		body["blocks"] = blocks
	}
	if attachments != nil {
		body["attachments"] = attachments
	}
	problems := blockkit.CheckMessage(mustJSON(body))
	for _, p := range problems {
		if p.Pointer == "/attachments" && strings.HasPrefix(p.Message, "no more than") {
			return refuse("too_many_attachments")
		}
	}
	return invalidBlocks(append(problems, s.checkAvailable(body)...))
}

// invalidBlocks is Slack's error for invalid blocks.
func invalidBlocks(problems []blockkit.Problem) error {
	if len(problems) == 0 {
		return nil
	}
	errs, messages := make([]string, len(problems)), make([]string, len(problems))
	for i, p := range problems {
		errs[i], messages[i] = p.String(), "[ERROR] "+p.String()
	}
	return refusal{"invalid_blocks", object{"errors": errs, "response_metadata": object{"messages": messages}}}
}

// checkAvailable refuses blocks that this workspace does not have, and pictures that Slack could
// not download. These reasons are not part of the published limits. The caller holds the lock.
func (s *Server) checkAvailable(body object) []blockkit.Problem {
	var value any
	if json.Unmarshal(mustJSON(body), &value) != nil {
		return nil
	}
	var problems []blockkit.Problem
	s.unavailable("", value, &problems)
	return problems
}

func (s *Server) unavailable(at string, value any, problems *[]blockkit.Problem) {
	switch v := value.(type) {
	case []any:
		for i, item := range v {
			s.unavailable(fmt.Sprintf("%s/%d", at, i), item, problems)
		}
	case object:
		if kind, _ := v["type"].(string); s.faults.refuses(kind) {
			*problems = append(*problems, blockkit.Problem{Pointer: at + "/type", Message: "unsupported type: " + kind})
		}
		if v["type"] == "image" {
			*problems = append(*problems, s.checkPicture(at, v)...)
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			s.unavailable(at+"/"+name, v[name], problems)
		}
	}
}

func (s *Server) checkPicture(at string, image object) []blockkit.Problem {
	if address, ok := image["image_url"].(string); ok && !fetchable(address) {
		return []blockkit.Problem{{Pointer: at + "/image_url", Message: "downloading image failed"}}
	}
	file, ok := image["slack_file"].(object)
	if !ok {
		return nil
	}
	id, _ := file["id"].(string)
	if up, known := s.files.get(id); id != "" && (!known || !up.complete || !strings.HasPrefix(up.kind(), "image/")) {
		return []blockkit.Problem{{Pointer: at + "/slack_file", Message: "invalid slack file"}}
	}
	return nil
}

// fetchable tells whether Slack's servers could reach an address. They cannot reach private
// addresses or names inside a cluster or an office.
func fetchable(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return false
	}
	host := u.Hostname()
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsGlobalUnicast() && !ip.IsPrivate()
	}
	for _, private := range []string{".local", ".internal", ".svc", ".localhost", ".lan"} {
		if strings.HasSuffix(host, private) {
			return false
		}
	}
	return strings.Contains(host, ".")
}

// stored is blocks as Slack stores them; an empty list becomes nil.
func (s *Server) stored(blocks json.RawMessage) json.RawMessage {
	var list []json.RawMessage
	if json.Unmarshal(blocks, &list) != nil || len(list) == 0 {
		return nil
	}
	return s.identify(blocks)
}

func (s *Server) storedAttachments(attachments json.RawMessage) json.RawMessage {
	var list []object
	if json.Unmarshal(attachments, &list) != nil || len(list) == 0 {
		return nil
	}
	for i, one := range list {
		one["id"] = i + 1
		if blocks, ok := one["blocks"].([]any); ok {
			s.identifyBlocks(blocks)
		}
	}
	return mustJSON(list)
}
