package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
)

// Genesis is the predecessor hash of the first line: the SHA-256 of the text "scalebot audit v1".
// A trail of another format starts with another hash.
var Genesis = digest([]byte("scalebot audit v1"))

// line is one link of the chain. Its hash is the SHA-256, in hex, of the line's JSON without the
// hash field. That JSON contains the previous line's hash in prev.
type line struct {
	Seq int `json:"seq"`
	Record
	Prev string `json:"prev"`
	Hash string `json:"hash,omitempty"`
}

// closing is the last line of a trail, so that it shows if lines at the end were cut off. It is
// part of the chain: its hash covers the count and the last line's hash.
type closing struct {
	Count int    `json:"count"`
	Head  string `json:"head"`
	Hash  string `json:"hash,omitempty"`
}

// Seal identifies a whole trail. Store it elsewhere, and nobody can replace the trail by another
// one unnoticed.
type Seal struct {
	// Count is the number of records; Head is the hash of the last one.
	Count int
	Head  string
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// canonical is the JSON that is hashed and written: the fields in a fixed order, text unescaped,
// no spaces.
func canonical(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

func (l line) hash() (string, error) {
	l.Hash = ""
	data, err := canonical(l)
	return digest(data), err
}

func (c closing) hash() (string, error) {
	c.Hash = ""
	data, err := canonical(c)
	return digest(data), err
}

// Write writes the records as JSON lines, each with the hash of the line before, and a closing
// line.
func Write(w io.Writer, records []Record) (Seal, error) {
	seal := Seal{Head: Genesis}
	for i, r := range records {
		l := line{Seq: i + 1, Prev: seal.Head}
		var err error
		if l.Record, err = settled(r); err == nil {
			l.Hash, err = l.hash()
		}
		if err == nil {
			err = writeLine(w, l)
		}
		if err != nil {
			return seal, fmt.Errorf("writing record %d: %w", l.Seq, err)
		}
		seal = Seal{Count: l.Seq, Head: l.Hash}
	}
	end := closing{Count: seal.Count, Head: seal.Head}
	var err error
	if end.Hash, err = end.hash(); err == nil {
		err = writeLine(w, end)
	}
	if err != nil {
		return seal, fmt.Errorf("writing the closing line: %w", err)
	}
	return seal, nil
}

// settled is the record as a reader of its JSON gets it. JSON replaces text that is not UTF-8, so
// hashing the original would give another hash than hashing what was read back.
func settled(r Record) (Record, error) {
	var again Record
	data, err := canonical(r)
	if err == nil {
		err = json.Unmarshal(data, &again)
	}
	return again, err
}

func writeLine(w io.Writer, v any) error {
	data, err := canonical(v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(data, '\n'))
	return err
}
