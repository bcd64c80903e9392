package slackemu

import (
	"io"
	"net/http"
	"time"
)

// Life of a response_url. Source: docs.slack.dev/interactivity/handling-user-interaction.
const (
	hookUses = 5
	hookLife = 30 * time.Minute
)

// hook is a response_url: the right to answer one action of one person.
type hook struct {
	channel, user string
	original      string // the message that was clicked, or the first answer to a slash command
	typed         string // the slash command, until it has been shown to all.
	uses          int
	expires       time.Time // wall time.
}

// newHook makes a response_url. The caller holds the lock.
func (s *Server) newHook(base string, h *hook) string {
	h.expires = time.Now().Add(hookLife)
	id := secret()
	s.hooks.put(id, h)
	return base + "/response/" + id
}

// respond answers a POST to a response_url. It needs no token and no membership. Unlike a method
// of the Web API, it refuses with HTTP 404 and the error code in the body, both for invalid
// content and for a URL that is used up.
func (s *Server) respond(w http.ResponseWriter, r *http.Request) {
	a, err := readArgs(w, r)
	entry := object{"request": a.forTraffic()}
	if err == nil {
		s.mu.Lock()
		err = s.useHook(r.PathValue("hook"), a)
		s.mu.Unlock()
	} else {
		err = refuse("invalid_payload")
	}
	entry["ok"] = err == nil
	if err == nil {
		_, _ = io.WriteString(w, "ok")
	} else {
		entry["error"] = err.Error()
		writeJSON(w, http.StatusNotFound, failed(err))
	}
	s.traffic.note("response_url", entry)
}

// useHook does what the POST to a response_url requests. The caller holds the lock.
func (s *Server) useHook(id string, a args) error {
	h, ok := s.hooks.get(id)
	switch {
	case !ok || time.Now().After(h.expires):
		return refuse("expired_url")
	case h.uses >= hookUses:
		return refuse("used_url")
	}
	h.uses++
	where, ok := s.channels[h.channel]
	if !ok {
		return refuse("channel_not_found")
	}
	message, err := s.readContent(a)
	if err != nil {
		return err
	}
	old := where.findFor(h.original, h.user)
	switch {
	case a.flag("delete_original"):
		return s.deleteOriginal(where, old)
	case a.flag("replace_original") && old != nil:
		if message.empty() {
			return refuse("no_text")
		}
		message.changeOf(old)
		s.changed()
		return nil
	}
	return s.answerHook(where, h, message, a["response_type"], a["thread_ts"])
}

func (s *Server) deleteOriginal(where *conversation, old *post) error {
	if old == nil {
		return refuse("message_not_found")
	}
	where.remove(old)
	s.changed()
	return nil
}

// answerHook posts an answer to a person's action, for that person alone or for all. An answer
// for all also shows the slash command. The caller holds the lock.
func (s *Server) answerHook(where *conversation, h *hook, message content, kind, thread string) error {
	if message.empty() {
		return refuse("no_text")
	}
	p := s.fromBot(message)
	if kind != "in_channel" {
		s.whisper(where, h.user, p, where.root(thread))
		if h.original == "" {
			h.original = p.TS
		}
		return nil
	}
	s.publishTyped(where, h)
	p.ThreadTS = where.root(thread)
	s.post(where, p)
	if h.original == "" {
		h.original = p.TS
	}
	return nil
}

// publishTyped makes the slash command, which only its author saw, visible to all.
func (s *Server) publishTyped(where *conversation, h *hook) {
	p := where.findFor(h.typed, h.user)
	h.typed = ""
	if p == nil {
		return
	}
	p.Ephemeral, p.onlyFor = false, ""
}
