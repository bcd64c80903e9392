package audit

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// lineLimit bounds one line in bytes; notes and reasons are far shorter.
const lineLimit = 1 << 20

// Broken is the first place where a trail differs from what was written.
type Broken struct {
	// Line counts from 1.
	Line int
	// Why says what is wrong, for people.
	Why string
}

// Error names the line and what is wrong with it.
func (b *Broken) Error() string { return fmt.Sprintf("line %d: %s", b.Line, b.Why) }

// Verify reads a trail and returns its seal. The error is a *Broken if the trail is not intact;
// any other error is the reader's.
func Verify(r io.Reader) (Seal, error) {
	v := verifier{seal: Seal{Head: Genesis}}
	scanner := bufio.NewScanner(r)
	scanner.Buffer(make([]byte, 0, 64<<10), lineLimit)
	for scanner.Scan() {
		v.at++
		if err := v.read(scanner.Bytes()); err != nil {
			return v.seal, err
		}
	}
	switch err := scanner.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return v.seal, &Broken{v.at + 1, "the line is longer than a record can be: it was changed"}
	case err != nil:
		return v.seal, fmt.Errorf("reading the trail after line %d: %w", v.at, err)
	case !v.closed:
		return v.seal, &Broken{v.at + 1, fmt.Sprintf("the trail ends after %d records without its closing line: it was truncated", v.seal.Count)}
	}
	return v.seal, nil
}

type verifier struct {
	at     int
	seal   Seal
	closed bool
}

func (v *verifier) broken(format string, args ...any) error {
	return &Broken{v.at, fmt.Sprintf(format, args...)}
}

func (v *verifier) read(data []byte) error {
	if v.closed {
		return v.broken("something follows the closing line: it was added")
	}
	var probe struct {
		Seq int `json:"seq"`
	}
	if err := json.Unmarshal(data, &probe); err != nil {
		return v.broken("it is not the JSON that was written: it was changed")
	}
	if probe.Seq == 0 {
		return v.end(data)
	}
	return v.record(data)
}

// record checks the next link. Its own hash shows a change; its number and its predecessor's hash
// show a removal or another order.
func (v *verifier) record(data []byte) error {
	var l line
	if err := strictly(data, &l); err != nil {
		return v.broken("it is not a record: it was changed (%v)", err)
	}
	want, err := l.hash()
	if err != nil {
		return v.broken("it cannot be hashed: it was changed (%v)", err)
	}
	next := v.seal.Count + 1
	switch {
	case l.Hash != want:
		return v.broken("record %d does not match its hash: it was changed", l.Seq)
	case l.Seq > next:
		return v.broken("record %d stands where record %d should: something before it was removed, or the order was changed", l.Seq, next)
	case l.Seq < next:
		return v.broken("record %d stands where record %d should: the order was changed, or it was repeated", l.Seq, next)
	case l.Prev != v.seal.Head:
		return v.broken("record %d does not continue the record before it: one of them was exchanged", l.Seq)
	}
	return v.written(data, l, func() { v.seal = Seal{Count: l.Seq, Head: l.Hash} })
}

func (v *verifier) end(data []byte) error {
	var c closing
	if err := strictly(data, &c); err != nil {
		return v.broken("it is neither a record nor the closing line: it was changed (%v)", err)
	}
	want, err := c.hash()
	switch {
	case err != nil || c.Hash != want:
		return v.broken("the closing line does not match its hash: it was changed")
	case c.Count > v.seal.Count:
		return v.broken("the closing line counts %d records and %d are here: the end was removed", c.Count, v.seal.Count)
	case c.Count != v.seal.Count || c.Head != v.seal.Head:
		return v.broken("the closing line belongs to another trail")
	}
	return v.written(data, c, func() { v.closed = true })
}

// written accepts a line only if it is byte for byte what Write would write for its content. A
// hash of the content alone would not notice repeated fields, other spellings or spaces.
func (v *verifier) written(data []byte, content any, accept func()) error {
	again, err := canonical(content)
	if err != nil || !bytes.Equal(again, data) {
		return v.broken("it is not spelled as it was written: it was changed")
	}
	accept()
	return nil
}

func strictly(data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if decoder.More() {
		return errors.New("more than one value")
	}
	return nil
}
