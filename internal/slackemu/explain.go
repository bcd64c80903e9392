package slackemu

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
)

// explain says what is wrong with the body of a control endpoint, in words that need no knowledge
// of Go, and lists the members that the endpoint accepts.
func explain(err error, into any) error {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	var large *http.MaxBytesError
	takes := "; this takes a JSON object with " + strings.Join(membersOf(reflect.TypeOf(into).Elem()), ", ")
	unknown, isUnknown := strings.CutPrefix(err.Error(), "json: unknown field ")
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("the body is empty" + takes)
	case errors.As(err, &large):
		return fmt.Errorf("the body is larger than %d bytes", large.Limit)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the body ends in the middle of the JSON" + takes)
	case errors.As(err, &syntax):
		return fmt.Errorf("the body is not JSON at byte %d (%w)%s", syntax.Offset, syntax, takes)
	case errors.As(err, &kind) && kind.Field == "":
		return fmt.Errorf("the body is a JSON %s%s", kind.Value, takes)
	case errors.As(err, &kind):
		return fmt.Errorf("%s is a %s, which does not fit%s", kind.Field, kind.Value, takes)
	case isUnknown:
		return fmt.Errorf("there is no member %s%s", unknown, takes)
	}
	return fmt.Errorf("the body cannot be read: %w", err)
}

// membersOf lists the names that JSON uses for the fields of a struct.
func membersOf(t reflect.Type) []string {
	var names []string
	if t.Kind() != reflect.Struct {
		return nil
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			names = append(names, membersOf(f.Type)...)
		case name != "" && name != "-":
			names = append(names, name)
		}
	}
	return names
}

// endpoints are the control endpoints, listed in the answer to a request for an unknown one.
var endpoints = []string{"slash", "mention", "say", "click", "submit", "close", "invite", "home", "fault", "messages", "state", "traffic", "events"}

// noEndpoint answers a request for an unknown endpoint, or with the wrong HTTP method.
func noEndpoint(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/emulator/")
	status, message := http.StatusNotFound, fmt.Sprintf("There is no /emulator/%s; there are %s.", name, strings.Join(endpoints, ", "))
	if slices.Contains(endpoints, name) {
		status, message = http.StatusMethodNotAllowed, fmt.Sprintf("/emulator/%s does not take %s; orders are POST, questions are GET.", name, r.Method)
	}
	writeJSON(w, status, object{"ok": false, "error": "no_such_endpoint", "message": message})
}
