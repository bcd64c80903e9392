package metrics

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// queryTimeout is how long Prometheus may take for one query, in wall time.
const queryTimeout = 5 * time.Second

// requestsAtOnce is how many queries may be in flight at the same time.
const requestsAtOnce = 64

// maxSeries bounds how many series of an answer are read.
const maxSeries = 20_000

// row is one series of an answer, with one sample or many.
type row struct {
	labels  map[string]string
	samples []sample
}

type sample struct {
	at    time.Time
	value float64
}

// ask sends one query to an endpoint of the HTTP API. Errors complete the sentence "Prometheus
// ..." and do not contain the server's URL.
func (p *Prometheus) ask(ctx context.Context, endpoint string, values url.Values) ([]row, error) {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return nil, notAnswered(ctx.Err())
	}
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	req, err := p.request(ctx, endpoint, values.Encode())
	if err != nil {
		return nil, errors.New("cannot be asked")
	}
	resp, err := p.options.Client.Do(req)
	if err != nil {
		return nil, notAnswered(err)
	}
	defer resp.Body.Close()
	body, err := readBody(resp.Body, queryTimeout)
	if err != nil {
		return nil, err
	}
	return decode(resp.StatusCode, body)
}

// notAnswered is why there is no answer to a query.
func notAnswered(err error) error {
	if text := unanswered(err, queryTimeout); text != errLate.Error() {
		return errors.New(text)
	}
	return errLate
}

// longestURL is the longest query sent in a URL; a longer one, which names many pods, is sent as
// a form.
const longestURL = 4000

func (p *Prometheus) request(ctx context.Context, endpoint, query string) (*http.Request, error) {
	u := p.base.JoinPath("api", "v1", endpoint)
	if len(query) <= longestURL {
		u.RawQuery = query
		return http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), strings.NewReader(query))
	if err == nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return req, err
}

// answer is the form of every answer of the API.
type answer struct {
	Status    string `json:"status"`
	ErrorType string `json:"errorType"`
	Error     string `json:"error"`
	Data      struct {
		ResultType string          `json:"resultType"`
		Result     json.RawMessage `json:"result"`
	} `json:"data"`
}

// decode reads an answer. Prometheus explains a refused query in the body of a 4xx.
func decode(status int, body []byte) ([]row, error) {
	var a answer
	err := json.Unmarshal(body, &a)
	switch {
	case err == nil && a.Status == "error":
		return nil, refusal(status, fmt.Sprintf("refused the query (%s): %s", a.ErrorType, firstLine(a.Error)))
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return nil, fmt.Errorf("does not allow the query (HTTP status %d)", status)
	case status != http.StatusOK:
		return nil, fmt.Errorf("answered with HTTP status %d", status)
	case err != nil, a.Status != "success":
		return nil, errors.New("answered with something else than its API's JSON")
	}
	return decodeResult(a.Data.ResultType, a.Data.Result)
}

// refusal is an error that Prometheus explains. Status 400 and 422 blame the query; any other,
// such as 503 for a query that timed out, is about the server.
func refusal(status int, text string) error {
	if status == http.StatusBadRequest || status == http.StatusUnprocessableEntity {
		return unfit{text}
	}
	return errors.New(text)
}

func decodeResult(kind string, raw json.RawMessage) ([]row, error) {
	if kind == "scalar" {
		s, err := decodeSample(raw)
		return []row{{samples: []sample{s}}}, err
	}
	var result []struct {
		Metric map[string]string `json:"metric"`
		Value  json.RawMessage   `json:"value"`
		Values []json.RawMessage `json:"values"`
	}
	if kind != "vector" && kind != "matrix" {
		return nil, fmt.Errorf("answered with a %s, where numbers are needed", quoted(kind))
	}
	if err := json.Unmarshal(raw, &result); err != nil {
		return nil, errors.New("answered with a result that cannot be read")
	}
	if len(result) > maxSeries {
		return nil, unfit{fmt.Sprintf("answered with %d series, too many to mean one component", len(result))}
	}
	out := make([]row, 0, len(result))
	for _, r := range result {
		s := row{labels: r.Metric}
		values := r.Values
		if r.Value != nil {
			values = append(values, r.Value)
		}
		for _, v := range values {
			one, err := decodeSample(v)
			if err != nil {
				return nil, err
			}
			s.samples = append(s.samples, one)
		}
		if len(s.samples) > 0 {
			out = append(out, s)
		}
	}
	return out, nil
}

// decodeSample reads [seconds, "number"]; the number may be NaN or infinite.
func decodeSample(raw json.RawMessage) (sample, error) {
	unreadable := errors.New("answered with a sample that cannot be read")
	var pair [2]json.RawMessage
	var seconds float64
	var text string
	if json.Unmarshal(raw, &pair) != nil || json.Unmarshal(pair[0], &seconds) != nil || json.Unmarshal(pair[1], &text) != nil {
		return sample{}, unreadable
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return sample{}, unreadable
	}
	return sample{at: time.UnixMilli(int64(seconds * 1000)), value: value}, nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
