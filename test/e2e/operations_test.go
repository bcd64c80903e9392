package e2e

import (
	"context"
	"fmt"
	"regexp"
	"testing"

	"github.com/scalebot/scalebot/test/e2e/cluster"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/clientcmd"
)

var operations = schema.GroupVersionResource{Group: "scalebot.dev", Version: "v1alpha1", Resource: "scalingoperations"}

// operation is the id of the operation whose card a message is.
func operation(t testing.TB, card message, component string) string {
	t.Helper()
	found := regexp.MustCompile(`· (` + component + `-\d+)`).FindStringSubmatch(card.text)
	if found == nil {
		t.Fatalf("the card names no operation of %s:\n%s", component, card.text)
	}
	return found[1]
}

// stateOf is what the operation's record says.
func stateOf(t testing.TB, id string) string {
	t.Helper()
	return kubectl(t, "get", "scalingoperation", id, "-o", "jsonpath={.spec.state}")
}

// becomes waits until an operation is in a state.
func becomes(t testing.TB, id, want string) {
	t.Helper()
	until(t, 2*soon, id+" to be "+want, func(context.Context) error {
		if got := stateOf(t, id); got != want {
			return fmt.Errorf("it is %s", got)
		}
		return nil
	})
}

// when acts at once when an operation enters a state, and then sends the states it has seen.
func when(t testing.TB, id, state string, act func()) <-chan []string {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", real.Kubernetes.Kubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	watcher, err := client.Resource(operations).Namespace(cluster.Namespace).Watch(t.Context(), metav1.ListOptions{FieldSelector: "metadata.name=" + id})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan []string, 1)
	go func() {
		defer watcher.Stop()
		var seen []string
		for event := range watcher.ResultChan() {
			object, ok := event.Object.(*unstructured.Unstructured)
			if !ok {
				break
			}
			now, _, _ := unstructured.NestedString(object.Object, "spec", "state")
			seen = append(seen, now)
			if now == state {
				act()
				break
			}
		}
		done <- seen
	}()
	return done
}
