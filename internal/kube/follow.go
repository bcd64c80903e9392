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
	// followApart is how far the beginnings of two views are apart at least, so that a server
	// that ends every watch at once is not asked without pause.
	followApart = 5 * time.Second
	// followGather is how long events are gathered before what they make is told: a rollout
	// changes its Deployment with every pod.
	followGather = 200 * time.Millisecond
	// explainEvery is how often the warnings of pods that do not start are read.
	explainEvery = 15 * time.Second
)

// errAnew says that a view has to begin anew: a watch has ended, as all watches do, or has lost
// its position, or the workload has ReplicaSets that were not listed.
var errAnew = errors.New("the view has to begin anew")

// Follow keeps one workload in view until the context ends; see sampler.Cluster. It lists the
// Deployment, its ReplicaSets and its pods, and watches the Deployment and the pods from there
// on. A watch that ends or has lost its position (410 Gone) makes it list again. A call that
// fails, and a Deployment that is gone, end it with an error.
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

// follow lists what there is, and tells what becomes of it until a watch ends.
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

// stream tells what the lists brought, and then what the events make of it.
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

// event takes one event in and reports whether it changes anything. A bookmark does not: it
// only says from where one could go on, and a view that ends begins with new lists.
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
