package world

import (
	"errors"

	"github.com/scalebot/scalebot/test/e2e/cache"
	"github.com/scalebot/scalebot/test/e2e/cluster"
	"github.com/scalebot/scalebot/test/e2e/kafka"
)

// Prepare names every program that this machine lacks, all at once, and then fetches and builds what is not in the cache yet, so that no test's
// time limit has to allow for a compilation of Kubernetes or KEDA.
func Prepare() error {
	var missing []error
	for program, from := range map[string]string{
		"java":       "a Java runtime of version 17 or newer",
		"mvn":        "Apache Maven, to fetch Kafka",
		"go":         "the Go toolchain, to build Kubernetes and KEDA from their modules",
		"prometheus": "Debian's package prometheus",
		"chromium":   "Debian's package chromium",
	} {
		_, err := cache.Need(program, from)
		missing = append(missing, err)
	}
	if err := errors.Join(missing...); err != nil {
		return err
	}
	for _, version := range kafka.Versions {
		if _, err := kafka.Fetch(version); err != nil {
			return err
		}
	}
	if _, err := cluster.Build(); err != nil {
		return err
	}
	_, err := cluster.BuildKEDA()
	return err
}
