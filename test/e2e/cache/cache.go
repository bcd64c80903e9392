// Package cache keeps what the end-to-end tests fetch and build, outside of the repository, and names what this machine lacks.
package cache

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Variable names the environment variable that chooses the cache's directory.
const Variable = "SCALEBOT_E2E_CACHE"

// Dir is the directory named by the environment, or scalebot-e2e below the user's cache directory. It exists afterwards.
func Dir() (string, error) {
	dir := os.Getenv(Variable)
	if dir == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("finding the cache directory (%s may name one): %w", Variable, err)
		}
		dir = filepath.Join(base, "scalebot-e2e")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("making the cache directory: %w", err)
	}
	return filepath.Abs(dir)
}

// Key is a short name for content: what is kept under it needs no other test of being current.
func Key(content ...[]byte) string {
	sum := sha256.New()
	for _, c := range content {
		fmt.Fprintf(sum, "%d\n", len(c))
		sum.Write(c)
	}
	return hex.EncodeToString(sum.Sum(nil))[:12]
}

// Need returns the path of a program this machine must have; the error names it and says where it comes from.
func Need(program, from string) (string, error) {
	path, err := exec.LookPath(program)
	if err != nil {
		return "", fmt.Errorf("the end-to-end tests need %s (%s), and it is not on the PATH", program, from)
	}
	return path, nil
}

// Run runs a program to its end; the error carries what it said.
func Run(dir, path string, env []string, args ...string) error {
	cmd := exec.Command(path, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("running %s %s: %w\n%s", filepath.Base(path), strings.Join(args, " "), err, out)
	}
	return nil
}
