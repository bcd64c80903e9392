package demo

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// bodyLimit bounds a request's body in bytes.
const bodyLimit = 16 << 10

func (w *World) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /world/state", func(rw http.ResponseWriter, _ *http.Request) {
		answer(rw, http.StatusOK, w.State())
	})
	mux.HandleFunc("POST /world/scenario", w.postScenario)
	mux.HandleFunc("POST /world/load", w.postLoad)
	return mux
}

func (w *World) postScenario(rw http.ResponseWriter, r *http.Request) {
	var body struct {
		Name string `json:"name"`
	}
	if !decode(rw, r, &body) {
		return
	}
	sentence, err := w.play(body.Name)
	if err != nil {
		answer(rw, http.StatusBadRequest, map[string]any{"ok": false, "error": err.Error(), "scenarios": Scenarios()})
		return
	}
	answer(rw, http.StatusOK, map[string]any{"ok": true, "scenario": body.Name, "message": sentence})
}

func (w *World) postLoad(rw http.ResponseWriter, r *http.Request) {
	var body struct {
		Component string   `json:"component"`
		Rate      *float64 `json:"rate"`
	}
	if !decode(rw, r, &body) {
		return
	}
	if body.Rate == nil {
		refuse(rw, "rate is missing: messages per second")
		return
	}
	if err := w.SetLoad(body.Component, *body.Rate); err != nil {
		refuse(rw, err.Error())
		return
	}
	message := fmt.Sprintf("%s now receives %g messages per second.", body.Component, *body.Rate)
	answer(rw, http.StatusOK, map[string]any{"ok": true, "component": body.Component, "rate": *body.Rate, "message": message})
}

// decode reads the body or answers why it cannot.
func decode(rw http.ResponseWriter, r *http.Request, into any) bool {
	decoder := json.NewDecoder(http.MaxBytesReader(rw, r.Body, bodyLimit))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	if err == nil {
		if _, more := decoder.Token(); more != io.EOF {
			err = fmt.Errorf("more than one JSON value")
		}
	}
	if err != nil {
		refuse(rw, "reading the body: "+strings.TrimPrefix(err.Error(), "json: "))
	}
	return err == nil
}

func refuse(rw http.ResponseWriter, why string) {
	answer(rw, http.StatusBadRequest, map[string]any{"ok": false, "error": why})
}

func answer(rw http.ResponseWriter, status int, body any) {
	rw.Header().Set("Content-Type", "application/json; charset=utf-8")
	rw.Header().Set("Cache-Control", "no-store")
	rw.WriteHeader(status)
	// An error here means that the caller has gone.
	_ = json.NewEncoder(rw).Encode(body)
}
