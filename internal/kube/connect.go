package kube

import (
	"fmt"
	"net/http"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/scalebot/scalebot/internal/kube/api"
)

// A round of sampling takes a few calls for each kind of object, one per page, however many
// components there are. These limits leave room beside it for reading single components and for
// the records.
const (
	clientQPS   = 50
	clientBurst = 100
)

// Connect returns how to reach the cluster: by a kubeconfig file, or as the pod's own
// service account when the path is empty.
func Connect(kubeconfig string) (*rest.Config, error) {
	config, err := load(kubeconfig)
	if err != nil {
		return nil, err
	}
	return Paced(config), nil
}

// Paced limits client-go to the bot's own number of requests per second, and stops it from
// repeating writes (see [api.SentOnce]).
func Paced(config *rest.Config) *rest.Config {
	// config.Timeout stays unset: it would cut every watch. Each call has its own deadline.
	config.QPS, config.Burst = clientQPS, clientBurst
	config.UserAgent = "scalebot"
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return api.SentOnce{RoundTripper: next} })
	return config
}

func load(kubeconfig string) (*rest.Config, error) {
	if kubeconfig == "" {
		config, err := rest.InClusterConfig()
		if err != nil {
			return nil, fmt.Errorf("reading the pod's service account (set KUBECONFIG outside of a cluster): %w", err)
		}
		return config, nil
	}
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("reading KUBECONFIG %s: %w", kubeconfig, err)
	}
	return config, nil
}
