package kube

import (
	"context"
	"errors"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/scalebot/scalebot/internal/kube/api"
	"github.com/scalebot/scalebot/internal/scale"
)

const (
	// followSeconds is how long the server keeps the watches of a followed workload; then
	// everything is listed again.
	followSeconds = int64(120)
	// followApart is the least time between the starts of two views. Without it, a server that
	// ends every watch at once would be asked without pause.
	followApart = 5 * time.Second
	// followGather is how long events are collected before the new state is reported: a rollout
	// changes its Deployment with every pod.
	followGather = 200 * time.Millisecond
	// explainEvery is how often the warnings of pods that do not start are read.
	explainEvery = 15 * time.Second
)

// errAnew says that the view has to list everything again: a watch has ended or lost its
// position, or the workload has ReplicaSets that were not listed.
var errAnew = errors.New("the view has to begin anew")

// Follow watches one workload until the context ends; see sampler.Cluster. It lists the
// Deployment, its ReplicaSets and its pods, and watches the Deployment and the pods from there
// on. When a watch ends or loses its position (410 Gone), it lists again. It returns an error
// when a call fails or the Deployment is gone.
func (c *Cluster) Follow(ctx context.Context, component scale.Component, news func(scale.Reading[scale.Workload])) error {
	pause := time.NewTicker(followApart)
	defer pause.Stop()
	for {
		v := &view{Cluster: c, component: component, news: news}
		if err := v.follow(ctx); !errors.Is(err, errAnew) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-pause.C:
		}
	}
}

// follow lists the workload, and reports its changes until a watch ends.
func (v *view) follow(ctx context.Context) error {
	deployment, pods, err := v.list(ctx)
	if err != nil {
		return err
	}
	ofDeployment, err := api.OpenWatch(ctx, v.Timeout, v.Kubernetes.AppsV1().Deployments(v.component.Namespace).Watch, deployment, followSeconds)
	if err != nil {
		return v.ended(err)
	}
	defer ofDeployment.Stop()
	ofPods, err := api.OpenWatch(ctx, v.Timeout, v.Kubernetes.CoreV1().Pods(v.component.Namespace).Watch, pods, followSeconds)
	if err != nil {
		return v.ended(err)
	}
	defer ofPods.Stop()
	return v.stream(ctx, ofDeployment.ResultChan(), ofPods.ResultChan())
}

// stream reports the listed workload, and then its state after each batch of events.
func (v *view) stream(ctx context.Context, deployments, pods <-chan watch.Event) error {
	v.tell(ctx)
	var gathered <-chan time.Time
	for {
		news, err := false, error(nil)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case e, ok := <-deployments:
			news, err = v.event(e, ok, v.deploymentChanged)
		case e, ok := <-pods:
			news, err = v.event(e, ok, v.podChanged)
		case <-gathered:
			gathered = nil
			v.tell(ctx)
		}
		if err != nil {
			return err
		}
		if news && gathered == nil {
			gathered = time.After(followGather)
		}
	}
}

// event applies one event and reports whether it changes anything. A bookmark does not: it only
// carries a position to resume from, and a view that ends begins with new lists.
func (v *view) event(e watch.Event, ok bool, changed func(watch.Event) error) (news bool, err error) {
	switch {
	case !ok:
		return false, errAnew
	case e.Type == watch.Bookmark:
		return false, nil
	case e.Type == watch.Error:
		return false, v.ended(apierrors.FromObject(e.Object))
	}
	return true, changed(e)
}
