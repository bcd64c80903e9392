package world

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/scalebot/scalebot/test/e2e/cluster"
	"github.com/scalebot/scalebot/test/e2e/process"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

const (
	// look is how often a crew looks at its pods.
	look = 300 * time.Millisecond
	// farewell is how long a worker may take to commit and leave its group.
	farewell = 10 * time.Second
	// pace is how many messages a worker does in a second.
	pace = 50
)

// Crew runs a worker process for every pod of a component that is ready, and ends it with the pod: so scaling changes what is consumed.
type Crew struct {
	world     *World
	component Component
	client    kubernetes.Interface
	stop      context.CancelFunc
	done      chan struct{}

	mu      sync.Mutex
	members map[string]*member // by pod
}

// member is the worker of one pod.
type member struct {
	process *process.Process
	metrics string // its address
}

// follow starts a crew.
func (w *World) follow(c Component) (*Crew, error) {
	config, err := clientcmd.BuildConfigFromFlags("", w.Kubernetes.Kubeconfig())
	if err != nil {
		return nil, fmt.Errorf("connecting the crew of %s: %w", c.Name, err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("connecting the crew of %s: %w", c.Name, err)
	}
	ctx, stop := context.WithCancel(context.Background())
	crew := &Crew{world: w, component: c, client: client, stop: stop, done: make(chan struct{}), members: make(map[string]*member)}
	go crew.run(ctx)
	return crew, nil
}

// Stop ends all workers at once.
func (c *Crew) Stop() {
	c.stop()
	<-c.done
	for _, m := range c.members {
		m.process.Kill()
	}
}

func (c *Crew) run(ctx context.Context) {
	defer close(c.done)
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			c.match(ctx)
		}
	}
}

// match starts and ends workers so that there is one for every ready pod. While the API server does not answer, everybody goes on working,
// as pods do.
func (c *Crew) match(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	pods, err := c.client.CoreV1().Pods(cluster.Namespace).List(ctx, metav1.ListOptions{LabelSelector: "app=" + c.component.Name})
	if err != nil {
		return
	}
	ready := make(map[string]bool)
	for _, pod := range pods.Items {
		if isReady(pod) {
			ready[pod.Name] = true
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	changed := c.dismiss(ready)
	for pod := range ready {
		if c.members[pod] == nil && c.hire(pod) == nil {
			changed = true
		}
	}
	if changed {
		c.world.announceTargets(c)
	}
}

func isReady(pod corev1.Pod) bool {
	if pod.DeletionTimestamp != nil {
		return false
	}
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}

// dismiss ends the workers whose pods are not ready any more, all at the same time.
func (c *Crew) dismiss(ready map[string]bool) (changed bool) {
	var leaving sync.WaitGroup
	for pod, m := range c.members {
		if ready[pod] {
			continue
		}
		changed = true
		delete(c.members, pod)
		leaving.Go(func() { _ = m.process.Stop(farewell) })
	}
	leaving.Wait()
	return changed
}

func (c *Crew) hire(pod string) error {
	m := &member{}
	var err error
	if c.component.Streams {
		m.process, err = c.hireStreams(pod)
	} else {
		m.process, err = c.hireWorker(pod, m)
	}
	if err != nil {
		return err
	}
	c.members[pod] = m
	return nil
}

// hireStreams starts an instance of the streams application, whose group has the application's name.
func (c *Crew) hireStreams(pod string) (*process.Process, error) {
	dir := filepath.Join(c.world.dir, pod)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("starting %s: %w", pod, err)
	}
	return c.world.Kafka.WordCount(dir, c.component.group(), pod)
}

func (c *Crew) hireWorker(pod string, m *member) (*process.Process, error) {
	ports, err := process.FreePorts(1)
	if err != nil {
		return nil, err
	}
	m.metrics = fmt.Sprintf("%s:%d", process.Loopback, ports[0])
	return process.Start(process.Spec{
		Name: pod, Path: c.world.programs.worker, Log: filepath.Join(c.world.dir, pod+".log"),
		Args: []string{
			"-brokers", strings.Join(c.world.Kafka.Addresses(), ","), "-group", c.component.group(), "-topics", c.component.Topic,
			"-client", pod, "-metrics", m.metrics, "-pace", fmt.Sprint(pace), "-assignor", c.world.options.Assignor,
			"-consumers", fmt.Sprint(max(1, c.component.Consumers)),
		},
		Env: []string{"GOMAXPROCS=1", "GOGC=50"},
	})
}
