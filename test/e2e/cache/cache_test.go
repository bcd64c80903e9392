package cache_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scalebot/scalebot/test/e2e/cache"
)

func TestOnlyWhatIsCompleteIsKept(t *testing.T) {
	t.Setenv(cache.Variable, t.TempDir())
	broken := errors.New("the connection broke")
	fills := 0
	if _, err := cache.Made("thing", func(string) error { fills++; return broken }); !errors.Is(err, broken) {
		t.Fatalf("got %v, want what went wrong", err)
	}
	for range 2 {
		dir, err := cache.Made("thing", func(dir string) error {
			fills++
			return os.WriteFile(filepath.Join(dir, "file"), []byte("x"), 0o600)
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(dir, "file")); err != nil {
			t.Errorf("the directory is not filled: %v", err)
		}
	}
	if fills != 2 {
		t.Errorf("filled %d times, want once for the failure and once for good", fills)
	}
}

func TestKeyTellsContentsApart(t *testing.T) {
	if cache.Key([]byte("ab"), []byte("c")) == cache.Key([]byte("a"), []byte("bc")) {
		t.Error("two different contents have the same key")
	}
}

func TestAMissingProgramIsNamed(t *testing.T) {
	_, err := cache.Need("no-such-program", "Debian's package nothing")
	if err == nil || !strings.Contains(err.Error(), "no-such-program") || !strings.Contains(err.Error(), "Debian's package nothing") {
		t.Errorf("got %v, want the program and where it comes from", err)
	}
}
