package cluster

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/scalebot/scalebot/test/e2e/cache"
)

// module is where the source of the control plane lies, relative to the module of the end-to-end tests.
const module = "kubernetes"

// Build returns the path of the control plane's program, from the cache or compiled. The first time takes a quarter of an hour of two cores;
// Go's build cache makes every later time short.
func Build() (string, error) {
	compiler, err := cache.Need("go", "the Go toolchain, to build Kubernetes from its modules")
	if err != nil {
		return "", err
	}
	source, err := sourceDir(compiler)
	if err != nil {
		return "", err
	}
	key, version, err := describe(source)
	if err != nil {
		return "", err
	}
	dir, err := cache.Made("kubernetes-"+key, func(dir string) error { return build(compiler, source, dir, version) })
	if err != nil {
		return "", fmt.Errorf("building Kubernetes: %w", err)
	}
	return filepath.Join(dir, "kubernetes"), nil
}

// sourceDir finds the source beside the module that is being tested, wherever the test runs.
func sourceDir(compiler string) (string, error) {
	out, err := exec.Command(compiler, "list", "-m", "-f", "{{.Dir}}", "github.com/scalebot/scalebot/test/e2e").Output()
	if err != nil {
		return "", fmt.Errorf("finding the source of the control plane: %w", err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), module), nil
}

// describe names the source by its content, and the version of Kubernetes it requires.
func describe(source string) (key, version string, err error) {
	files, err := filepath.Glob(filepath.Join(source, "*.go"))
	if err != nil {
		return "", "", err
	}
	files = append(files, filepath.Join(source, "go.mod"), filepath.Join(source, "go.sum"))
	var contents [][]byte
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return "", "", fmt.Errorf("reading the source of the control plane: %w", err)
		}
		contents = append(contents, content)
		for line := range strings.Lines(string(content)) {
			if words := strings.Fields(line); len(words) == 2 && words[0] == "k8s.io/kubernetes" {
				version = words[1]
			}
		}
	}
	if version == "" {
		return "", "", fmt.Errorf("%s/go.mod does not require k8s.io/kubernetes", source)
	}
	return cache.Key(contents...), version, nil
}

func build(compiler, source, dir, version string) error {
	// Without its version set, the server tells one that kubectl cannot read.
	const pkg = "k8s.io/component-base/version"
	numbers := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
	flags := fmt.Sprintf("-s -w -X %[1]s.gitVersion=%[2]s -X %[1]s.gitMajor=%[3]s -X %[1]s.gitMinor=%[4]s", pkg, version, numbers[0], numbers[1])
	return cache.Run(source, compiler, []string{"CGO_ENABLED=0", "GOWORK=off"},
		"build", "-trimpath", "-buildvcs=false", "-ldflags", flags, "-o", filepath.Join(dir, "kubernetes"), ".")
}
