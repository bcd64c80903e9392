package kube

import (
	"sync"
	"time"

	appsv1 "k8s.io/api/apps/v1"
)

// sameLook is the longest time between the starts of two readings that still count as one.
const sameLook = 50 * time.Millisecond

// lastRead holds the Deployments that were last read by name, each with the time when that
// reading began. A step reads a workload and its owner at the same time, and both are in the
// Deployment.
type lastRead struct {
	mu sync.Mutex
	of map[string]readDeployment
}

type readDeployment struct {
	*appsv1.Deployment
	began time.Time
}

func (l *lastRead) put(d *appsv1.Deployment, began time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.of == nil {
		l.of = map[string]readDeployment{}
	}
	l.of[d.Namespace+"/"+d.Name] = readDeployment{d, began}
}

// since returns a Deployment whose reading began no earlier than the given time; nil when there
// is none. The caller must not change it.
func (l *lastRead) since(namespace, name string, look time.Time) *appsv1.Deployment {
	l.mu.Lock()
	defer l.mu.Unlock()
	if one, ok := l.of[namespace+"/"+name]; ok && !one.began.Before(look.Add(-sameLook)) {
		return one.Deployment
	}
	return nil
}
