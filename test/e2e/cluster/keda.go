package cluster

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/scalebot/scalebot/test/e2e/process"
)

const kedaModule = "github.com/kedacore/keda/v2"

// BuildKEDA returns the directory with KEDA's operator and the definitions of its resources, from the cache or made of its Go module. The operator
// keeps the name it has in its image: Kubernetes records under it what it writes.
func BuildKEDA() (string, error) {
	source, err := findSource("keda", kedaModule)
	if err != nil {
		return "", err
	}
	return source.made(func(dir string) error {
		if err := source.compile(kedaModule+"/cmd/operator", "", filepath.Join(dir, "keda")); err != nil {
			return err
		}
		return source.copyDefinitions(filepath.Join(dir, "definitions.yaml"))
	})
}

// copyDefinitions writes the definitions of KEDA's resources into one file.
func (s source) copyDefinitions(to string) error {
	list := exec.Command(s.compiler, "list", "-m", "-f", "{{.Dir}}", kedaModule)
	list.Dir, list.Env = s.dir, append(os.Environ(), "GOWORK=off")
	out, err := list.Output()
	if err != nil {
		return fmt.Errorf("finding KEDA's module: %w", err)
	}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(out)), "config", "crd", "bases", "*.yaml"))
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("KEDA's module in %s holds no definitions", strings.TrimSpace(string(out)))
	}
	var all strings.Builder
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("reading KEDA's definitions: %w", err)
		}
		fmt.Fprintf(&all, "---\n%s\n", content)
	}
	return os.WriteFile(to, []byte(all.String()), 0o644)
}

// DefineKEDA makes the API server serve KEDA's resources, on which nobody acts yet.
func (c *Cluster) DefineKEDA(ctx context.Context) error {
	dir, err := BuildKEDA()
	if err != nil {
		return err
	}
	if _, err := c.Kubectl(ctx, "apply", "--server-side", "-f", filepath.Join(dir, "definitions.yaml")); err != nil {
		return err
	}
	return c.established(ctx, "crd/scaledobjects.keda.sh")
}

// StartKEDA defines KEDA's resources and runs its operator, and waits until it is well. Its metrics adapter does not run: triggers whose numbers
// come from KEDA itself leave their HPA without metrics; those of CPU and memory work.
func (c *Cluster) StartKEDA(ctx context.Context) error {
	dir, err := BuildKEDA()
	if err != nil {
		return err
	}
	if err := c.DefineKEDA(ctx); err != nil {
		return err
	}
	if err := c.copyKEDACertificates(); err != nil {
		return err
	}
	free, err := process.FreePorts(2)
	if err != nil {
		return err
	}
	p, err := process.Start(process.Spec{
		Name: "keda", Path: filepath.Join(dir, "keda"), Log: c.file("keda.log"),
		Args: []string{
			"--kubeconfig=" + c.Kubeconfig(), "--enable-prometheus-metrics=false", "--health-probe-bind-address=" + local(free[0]),
			"--metrics-service-bind-address=" + local(free[1]), "--cert-dir=" + c.file("keda"), "--kube-api-qps=1000", "--kube-api-burst=2000",
		},
		Env: []string{"WATCH_NAMESPACE=", "POD_NAMESPACE=" + Namespace, "KEDA_CLUSTER_OBJECT_NAMESPACE=" + Namespace},
	})
	if err != nil {
		return err
	}
	c.running = append(c.running, named{"keda", p})
	return p.Until(ctx, startTime, func(ctx context.Context) error {
		return ask(ctx, http.DefaultClient, "http://"+local(free[0])+"/readyz")
	})
}

// copyKEDACertificates gives the operator what its service for the metrics adapter has to show, under the names it looks for.
func (c *Cluster) copyKEDACertificates() error {
	if err := os.MkdirAll(c.file("keda"), 0o755); err != nil {
		return fmt.Errorf("starting KEDA: %w", err)
	}
	for from, to := range map[string]string{"ca.crt": "ca.crt", "loopback.crt": "tls.crt", "loopback.key": "tls.key"} {
		content, err := os.ReadFile(c.file(from))
		if err == nil {
			err = os.WriteFile(filepath.Join(c.file("keda"), to), content, 0o600)
		}
		if err != nil {
			return fmt.Errorf("starting KEDA: %w", err)
		}
	}
	return nil
}
