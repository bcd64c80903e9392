package blockkit

// Text objects. Source: docs.slack.dev/reference/block-kit/composition-objects/text-object.

// plain is a plain_text object of 1 to most characters.
func plain(most int) rule { return textObject(most, "plain_text") }

// text is a plain_text or mrkdwn object of 1 to most characters.
func text(most int) rule { return textObject(most, "plain_text", "mrkdwn") }

func textObject(most int, types ...string) rule {
	s := shape{
		need: []string{"type", "text"},
		fields: map[string]rule{
			"type":     oneOf(types...),
			"text":     str(1, most),
			"emoji":    boolean,
			"verbatim": boolean,
		},
		also: textFlags,
	}
	return s.check
}

// textFlags refuses the flags that belong to the other kind of text.
func textFlags(w *walk, at string, m map[string]any) {
	if m["type"] == "mrkdwn" && m["emoji"] != nil {
		w.report(at, "invalid additional property: emoji")
	}
	if m["type"] == "plain_text" && m["verbatim"] != nil {
		w.report(at, "invalid additional property: verbatim")
	}
}

// confirm is the dialog that asks before an action is sent.
// Source: /reference/block-kit/composition-objects/confirmation-dialog-object.
func confirm(w *walk, at string, v any) {
	shape{
		need: []string{"title", "text", "confirm", "deny"},
		fields: map[string]rule{
			"title":   plain(ConfirmTitle),
			"text":    text(ConfirmText),
			"confirm": plain(ConfirmButton),
			"deny":    plain(ConfirmButton),
			"style":   oneOf("primary", "danger"),
		},
	}.check(w, at, v)
}

// option is one choice of a menu; rich says that its text may be mrkdwn, and linked
// that it may open a URL.
// Source: /reference/block-kit/composition-objects/option-object.
func option(rich, linked bool) rule {
	words := plain(OptionText)
	if rich {
		words = text(OptionText)
	}
	s := shape{
		need:   []string{"text", "value"},
		fields: map[string]rule{"text": words, "value": str(1, OptionValue), "description": words},
	}
	if linked {
		s.fields["url"] = str(1, URL)
	}
	return s.check
}

// optionGroup is a labelled list of options.
// Source: /reference/block-kit/composition-objects/option-group-object.
func optionGroup(w *walk, at string, v any) {
	shape{
		need: []string{"label", "options"},
		fields: map[string]rule{
			"label":   plain(GroupLabel),
			"options": list(1, SelectOptions, option(false, false)),
		},
	}.check(w, at, v)
}

// slackFile names an uploaded picture by id or by address.
// Source: /reference/block-kit/composition-objects/slack-file-object.
func slackFile(w *walk, at string, v any) {
	shape{
		fields: map[string]rule{"id": str(1, ID), "url": str(1, URL)},
		also: func(w *walk, at string, m map[string]any) {
			if (m["id"] == nil) == (m["url"] == nil) {
				w.report(at, "must provide exactly one of id or url")
			}
		},
	}.check(w, at, v)
}
