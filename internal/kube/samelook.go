package kube

import (
	"sync"
	"time"

	appsv1 "k8s.io/api/apps/v1"
)

// sameLook is how far apart the beginnings of two readings may be that belong to one look.
const sameLook = 50 * time.Millisecond

// lastRead holds the Deployments that were read by their names last, each with when that began.
// A look reads the workload and its owner at the same moment, and both are in the Deployment.
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

// since is a Deployment whose reading did not begin before the look did; nil when there is none.
// It must not be changed.
func (l *lastRead) since(namespace, name string, look time.Time) *appsv1.Deployment {
	l.mu.Lock()
	defer l.mu.Unlock()
	if one, ok := l.of[namespace+"/"+name]; ok && !one.began.Before(look.Add(-sameLook)) {
		return one.Deployment
	}
	return nil
}
