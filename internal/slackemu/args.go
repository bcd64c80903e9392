package slackemu

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// maxBody bounds the size of one request.
const maxBody = 1 << 20

// args are the arguments of a Web API call. Slack accepts forms, multipart forms and JSON for the
// same method. A JSON value that is not a string is stored as JSON text, which is also how forms
// contain it.
type args map[string]string

var errBody = errors.New("reading the arguments of a call")

// readArgs reads the query, and the body in whichever form it comes.
func readArgs(w http.ResponseWriter, r *http.Request) (args, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	a := args{}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case kind == "application/json":
		return a, a.readJSON(r)
	case kind == "multipart/form-data":
		if err := r.ParseMultipartForm(maxBody); err != nil {
			return nil, fmt.Errorf("%w: %w", errBody, err)
		}
	default:
		if err := r.ParseForm(); err != nil {
			return nil, fmt.Errorf("%w: %w", errBody, err)
		}
	}
	for name, values := range r.Form {
		a[name] = values[0]
	}
	return a, nil
}

func (a args) readJSON(r *http.Request) error {
	for name, values := range r.URL.Query() {
		a[name] = values[0]
	}
	data, err := io.ReadAll(r.Body)
	if err != nil {
		return fmt.Errorf("%w: %w", errBody, err)
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return fmt.Errorf("%w: %w", errBody, err)
	}
	for name, value := range members {
		a.set(name, value)
	}
	return nil
}

// set stores a JSON value; null counts as absent.
func (a args) set(name string, value json.RawMessage) {
	var s string
	switch {
	case string(value) == "null":
	case json.Unmarshal(value, &s) == nil:
		a[name] = s
	default:
		a[name] = string(value)
	}
}

// flag reads a boolean argument; Slack accepts 1, true and the like.
func (a args) flag(name string) bool {
	v, _ := strconv.ParseBool(a[name])
	return v
}

// raw reads an argument that contains JSON. An absent argument and null give nil.
func (a args) raw(name string) json.RawMessage {
	v := strings.TrimSpace(a[name])
	if v == "" || v == "null" {
		return nil
	}
	return json.RawMessage(v)
}

// has tells whether an argument was given at all.
func (a args) has(name string) bool {
	_, ok := a[name]
	return ok
}

// limit reads how many items a page should have.
func (a args) limit(usual, most int) int {
	n, err := strconv.Atoi(a["limit"])
	if err != nil || n <= 0 {
		return usual
	}
	return min(n, most)
}

// page returns the part of a list that starts at a cursor, and the cursor of the next part, empty
// at the end.
func page[T any](a args, items []T, usual, most int) ([]T, string, error) {
	start := 0
	if cursor := a["cursor"]; cursor != "" {
		n, err := strconv.Atoi(strings.TrimPrefix(cursor, "offset:"))
		if err != nil || !strings.HasPrefix(cursor, "offset:") || n < 0 {
			return nil, "", refuse("invalid_cursor")
		}
		start = min(n, len(items))
	}
	end := min(start+a.limit(usual, most), len(items))
	if end == len(items) {
		return items[start:end], "", nil
	}
	return items[start:end], "offset:" + strconv.Itoa(end), nil
}
