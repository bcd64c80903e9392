package cluster

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// kubectlTime bounds one call of kubectl.
const kubectlTime = time.Minute

// Kubectl runs kubectl as the administrator and returns what it printed.
func (c *Cluster) Kubectl(ctx context.Context, args ...string) (string, error) {
	return c.KubectlAs(ctx, c.Kubeconfig(), "", args...)
}

// Apply gives YAML documents to kubectl apply, on the server's side, as the administrator.
func (c *Cluster) Apply(ctx context.Context, documents string) error {
	_, err := c.KubectlAs(ctx, c.Kubeconfig(), documents, "apply", "--server-side", "--force-conflicts", "-f", "-")
	return err
}

// KubectlAs runs kubectl with somebody's kubeconfig and input.
func (c *Cluster) KubectlAs(ctx context.Context, kubeconfig, input string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, kubectlTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.binary, append([]string{"kubectl"}, args...)...)
	// Its caches belong to this cluster: the next one may get the same port and serve other things.
	cmd.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig, "HOME="+c.dir, "KUBECACHEDIR="+c.file("kubectl-cache"))
	cmd.Stdin = strings.NewReader(input)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("kubectl %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(said.String()))
	}
	return out.String(), nil
}

// ServiceAccount returns a kubeconfig with a token of a service account, which can do what is bound to it and nothing else.
func (c *Cluster) ServiceAccount(ctx context.Context, namespace, name string) (kubeconfig string, err error) {
	token, err := c.Kubectl(ctx, "-n", namespace, "create", "token", name, "--duration=24h")
	if err != nil {
		return "", err
	}
	return c.writeKubeconfig(name, &clientcmdapi.AuthInfo{Token: strings.TrimSpace(token)})
}

// KubectlCommand is how a person runs the kubectl that fits this cluster.
func (c *Cluster) KubectlCommand() string { return c.binary + " kubectl" }
