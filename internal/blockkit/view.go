package blockkit

// Views: modals and home tabs. Source: docs.slack.dev/reference/views.

func checkView(view map[string]any, size int) []Problem {
	where := modal
	if view["type"] == "home" {
		where = home
	}
	w := newWalk(where)
	if size > ViewBytes {
		w.report("", "must be less than %d bytes", ViewBytes+1)
	}
	viewShape(where).check(w, "", view)
	if where == modal && w.inputs > 0 && view["submit"] == nil {
		w.report("", "missing required field: submit")
	}
	return w.problems
}

func viewShape(where surface) shape {
	s := shape{
		need: []string{"type", "blocks"},
		fields: map[string]rule{
			"type":             oneOf("modal", "home"),
			"blocks":           list(0, ViewBlocks, blockOf(nil)),
			"private_metadata": str(0, PrivateMetadata),
			"callback_id":      str(0, ID),
			"external_id":      str(0, ID),
		},
	}
	if where == home {
		return s
	}
	s.need = append(s.need, "title")
	for _, name := range []string{"title", "submit", "close"} {
		s.fields[name] = plain(ViewTitle)
	}
	for _, name := range []string{"clear_on_close", "notify_on_close", "submit_disabled"} {
		s.fields[name] = boolean
	}
	return s
}
