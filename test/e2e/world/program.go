package world

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/scalebot/scalebot/test/e2e/cache"
)

// programs are the executables that are built for every world.
type programs struct {
	scalebot, worker string
	repository       string
}

// build builds the bot and the worker into dir; Go's own cache makes it quick.
func build(dir string) (programs, error) {
	compiler, err := cache.Need("go", "the Go toolchain, to build the bot")
	if err != nil {
		return programs{}, err
	}
	out, err := exec.Command(compiler, "list", "-m", "-f", "{{.Dir}}", "github.com/scalebot/scalebot", "github.com/scalebot/scalebot/test/e2e").Output()
	if err != nil {
		return programs{}, fmt.Errorf("finding the repository: %w", err)
	}
	places := strings.Fields(string(out))
	p := programs{scalebot: filepath.Join(dir, "scalebot"), worker: filepath.Join(dir, "worker"), repository: places[0]}
	if err := cache.Run(places[0], compiler, nil, "build", "-o", p.scalebot, "./cmd/scalebot"); err != nil {
		return programs{}, err
	}
	if err := cache.Run(places[1], compiler, nil, "build", "-o", p.worker, "./worker"); err != nil {
		return programs{}, err
	}
	return p, nil
}
