package world

import (
	"fmt"
	"strings"
)

// Welcome tells a person how to use a world by hand, in lines that a shell takes.
func (w *World) Welcome() (string, error) {
	env, err := w.Environment()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, variable := range env {
		fmt.Fprintf(&b, "export %s\n", variable)
	}
	fmt.Fprintf(&b, `
# Slack's page     %[1]s
# Prometheus       %[2]s
# Kafka, trusting  %[3]s
# kubectl          KUBECONFIG=%[4]s %[5]s
# the bot          %[6]s run     (with the environment above)
# end it all       make lab-stop
`, w.Slack, w.PrometheusURL(), strings.Join(w.Kafka.Addresses(), ","), w.Kubernetes.Kubeconfig(), w.Kubernetes.KubectlCommand(), w.programs.scalebot)
	return b.String(), nil
}
