package kafka

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A jar that is not the one that was pinned is not run.
func TestChangedJarsAreRefused(t *testing.T) {
	install, err := Fetch(Version())
	if err != nil {
		t.Fatal(err)
	}
	sums, err := checksums.ReadFile("libs/" + Version() + ".sha256")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	jars, err := filepath.Glob(filepath.Join(install.libs, "*.jar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, jar := range jars {
		if err := os.Symlink(jar, filepath.Join(dir, filepath.Base(jar))); err != nil {
			t.Fatal(err)
		}
	}
	if err := verify(dir, sums); err != nil {
		t.Fatalf("what was fetched: got %v", err)
	}
	victim := filepath.Join(dir, filepath.Base(jars[0]))
	if err := os.Remove(victim); err != nil {
		t.Fatal(err)
	}
	if err := verify(dir, sums); err == nil || !strings.Contains(err.Error(), "was not fetched") {
		t.Errorf("a jar is missing: got %v", err)
	}
	if err := os.WriteFile(victim, []byte("something else"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := verify(dir, sums); err == nil || !strings.Contains(err.Error(), "has the checksum") {
		t.Errorf("a jar was changed: got %v", err)
	}
}

// A version that nobody has pinned is named, and so is what may be asked for.
func TestUnknownVersionsAreRefused(t *testing.T) {
	if _, err := Fetch("3.9.0"); err == nil || !strings.Contains(err.Error(), "4.4.0 and 4.3.1") {
		t.Errorf("got %v, want the versions there are", err)
	}
}
