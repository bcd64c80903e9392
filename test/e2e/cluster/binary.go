package cluster

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/scalebot/scalebot/test/e2e/cache"
)

// Build returns the path of the control plane's program, from the cache or compiled. The first time takes a quarter of an hour of two cores;
// Go's build cache makes every later time short.
func Build() (string, error) {
	source, err := findSource("kubernetes", "k8s.io/kubernetes")
	if err != nil {
		return "", err
	}
	dir, err := source.made(func(dir string) error {
		// Without its version set, the server tells one that kubectl cannot read.
		const pkg = "k8s.io/component-base/version"
		numbers := strings.SplitN(strings.TrimPrefix(source.version, "v"), ".", 3)
		flags := fmt.Sprintf("-X %[1]s.gitVersion=%[2]s -X %[1]s.gitMajor=%[3]s -X %[1]s.gitMinor=%[4]s", pkg, source.version, numbers[0], numbers[1])
		return source.compile(".", flags, filepath.Join(dir, "kubernetes"))
	})
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "kubernetes"), nil
}

// source is a module beside that of the end-to-end tests, from which a program is built.
type source struct {
	compiler, name, dir string
	// key names its content, and version what it requires of the module it is about.
	key, version string
}

// findSource finds the module of that name, and the version in which it requires another one, wherever the test runs.
func findSource(name, requires string) (source, error) {
	compiler, err := cache.Need("go", "the Go toolchain, to build Kubernetes and KEDA from their modules")
	if err != nil {
		return source{}, err
	}
	out, err := exec.Command(compiler, "list", "-m", "-f", "{{.Dir}}", "github.com/scalebot/scalebot/test/e2e").Output()
	if err != nil {
		return source{}, fmt.Errorf("finding the source of %s: %w", name, err)
	}
	s := source{compiler: compiler, name: name, dir: filepath.Join(strings.TrimSpace(string(out)), name)}
	return s, s.describe(requires)
}

func (s *source) describe(requires string) error {
	files, err := filepath.Glob(filepath.Join(s.dir, "*.go"))
	if err != nil {
		return err
	}
	files = append(files, filepath.Join(s.dir, "go.mod"), filepath.Join(s.dir, "go.sum"))
	var contents [][]byte
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("reading the source of %s: %w", s.name, err)
		}
		contents = append(contents, content)
		for line := range strings.Lines(string(content)) {
			if words := strings.Fields(strings.TrimPrefix(line, "require ")); len(words) >= 2 && words[0] == requires {
				s.version = words[1]
			}
		}
	}
	if s.version == "" {
		return fmt.Errorf("%s/go.mod does not require %s", s.dir, requires)
	}
	s.key = cache.Key(contents...)
	return nil
}

// made is the directory in the cache that belongs to this content.
func (s source) made(fill func(dir string) error) (string, error) {
	dir, err := cache.Made(s.name+"-"+s.key, fill)
	if err != nil {
		return "", fmt.Errorf("building %s: %w", s.name, err)
	}
	return dir, nil
}

// compile builds a package that the module knows.
func (s source) compile(pkg, flags, to string) error {
	return cache.Run(s.dir, s.compiler, []string{"CGO_ENABLED=0", "GOWORK=off"},
		"build", "-trimpath", "-buildvcs=false", "-ldflags", strings.TrimSpace("-s -w "+flags), "-o", to, pkg)
}
