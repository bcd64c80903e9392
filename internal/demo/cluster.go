package demo

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/kubernetes/fake"
	metricsfake "k8s.io/metrics/pkg/client/clientset/versioned/fake"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalebot/scalebot/internal/pace"
)

const (
	// reconcileEvery is how often the controllers run, in world time, and reconcileFloor the
	// least wall time between two runs.
	reconcileEvery = 2 * time.Second
	reconcileFloor = 100 * time.Millisecond
)

var (
	deploymentResource = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}
	replicaSetResource = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "replicasets"}
	podResource        = corev1.SchemeGroupVersion.WithResource("pods")
	nodeResource       = corev1.SchemeGroupVersion.WithResource("nodes")
	eventResource      = corev1.SchemeGroupVersion.WithResource("events")
	hpaResource        = schema.GroupVersionResource{Group: "autoscaling", Version: "v2", Resource: "horizontalpodautoscalers"}
)

// cluster is the simulated Kubernetes: an API that stores objects, and the controllers that act
// on them. The stored objects decide; the other fields here are what a real cluster would have in
// its kubelets and processes.
type cluster struct {
	clock pace.Clock
	log   *slog.Logger
	// components are those that it runs.
	components []component
	climate    *climate
	gauge      *gauge
	listen     func(host string) (net.Listener, error)
	// process connects the consumers of a pod. spawn runs each until it ends by itself or the
	// world does.
	process func(c component, pod string, seed uint64) (*process, error)
	spawn   func(func(context.Context))

	client  *fake.Clientset
	dynamic *dynamicfake.FakeDynamicClient
	metrics *metricsfake.Clientset

	// mu guards everything below and every change of a Deployment. The API takes its own lock
	// before mu, so code that holds mu must not call the clients; it may use the trackers behind
	// them.
	mu         sync.Mutex
	closed     bool
	random     *rand.Rand
	version    int64
	sets       map[string]*replicaSet
	hashes     map[string]hashed
	pods       []*pod
	nodes      []*node
	events     []*corev1.Event
	autoscaler autoscaler
}

func newCluster(w *World, config Config, spawn func(func(context.Context))) *cluster {
	c := &cluster{
		clock: w.clock, log: w.log, components: w.components, climate: w.climate, gauge: w.gauge,
		listen: config.Listen, process: w.newProcess, spawn: spawn,
		client:  fake.NewSimpleClientset(),
		dynamic: dynamicfake.NewSimpleDynamicClientWithCustomListKinds(runtime.NewScheme(), listKinds),
		metrics: metricsfake.NewSimpleClientset(),
		random:  rand.New(rand.NewPCG(config.Seed, 3)),
		sets:    map[string]*replicaSet{}, hashes: map[string]hashed{},
	}
	c.serveAPI()
	c.serveMetrics()
	return c
}

// populate creates the nodes and Deployments with all their pods ready, as a cluster
// that has been running for two days.
func (c *cluster) populate() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	past := c.clock.Now().Add(-48 * time.Hour)
	c.addNodes(past)
	for _, component := range c.components {
		c.put(deploymentResource, newDeployment(component, past))
		if err := c.roll(component, past); err != nil {
			return err
		}
		for _, p := range c.podsOf(component.name) {
			c.schedule(p, past)
			p.stage = stageStarting
			if err := c.becomeReady(p, past.Add(40*time.Second)); err != nil {
				return err
			}
		}
		c.report(component, past)
	}
	c.dropEvents(len(c.events))
	return nil
}

// run runs the controllers until the context ends.
func (c *cluster) run(ctx context.Context) {
	ticker := c.clock.NewTicker(reconcileEvery, reconcileFloor)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			c.reconcile()
			c.forgetCalls()
		}
	}
}

// forgetCalls empties the list of calls that the clients record for tests. Nobody reads it here,
// and it would grow for ever.
func (c *cluster) forgetCalls() {
	c.client.ClearActions()
	c.dynamic.ClearActions()
	c.metrics.ClearActions()
}

// reconcile applies the objects and the weather to the cluster once.
func (c *cluster) reconcile() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	now, weather := c.clock.Now(), c.climate.now()
	c.rentNodes(weather.fullNodes, now)
	c.autoscale(weather, now)
	for _, component := range c.components {
		if err := c.roll(component, now); err != nil {
			c.log.Error("a deployment could not be reconciled", "deployment", component.name, "error", err)
		}
	}
	for _, p := range append([]*pod(nil), c.pods...) {
		if err := c.step(p, weather, now); err != nil {
			c.log.Error("a pod could not be advanced", "pod", p.name, "error", err)
		}
	}
	for _, component := range c.components {
		c.report(component, now)
	}
	c.expireEvents(now)
}

// closeAfter closes the cluster when the context ends.
func (c *cluster) closeAfter(ctx context.Context) {
	<-ctx.Done()
	c.close()
}

// close stops every process and prevents new ones.
func (c *cluster) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	for _, p := range c.pods {
		p.halt()
	}
}

// object is anything that the API stores.
type object interface {
	runtime.Object
	metav1.Object
}

// put stores an object under a new resource version, creating it when it is new.
func (c *cluster) put(resource schema.GroupVersionResource, o object) {
	c.stamp(o)
	tracker := c.client.Tracker()
	if err := tracker.Update(resource, o, o.GetNamespace()); err == nil {
		return
	}
	if err := tracker.Create(resource, o, o.GetNamespace()); err != nil {
		c.log.Error("the cluster lost an object", "resource", resource.Resource, "name", o.GetName(), "error", err)
	}
}

// stamp gives an object the next resource version, and a UID if it has none.
func (c *cluster) stamp(o metav1.Object) {
	c.version++
	o.SetResourceVersion(strconv.FormatInt(c.version, 10))
	if o.GetUID() == "" {
		o.SetUID(c.uid())
	}
}

func (c *cluster) remove(resource schema.GroupVersionResource, namespace, name string) {
	// It may be gone already: people delete objects as well.
	_ = c.client.Tracker().Delete(resource, namespace, name)
}

func (c *cluster) uid() types.UID {
	a, b := c.random.Uint64(), c.random.Uint64()
	return types.UID(fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", uint32(a), uint16(a>>32), a>>52, b&0xfff, b>>16))
}

// suffix is a random name suffix in the alphabet that Kubernetes uses.
func (c *cluster) suffix(n int) string {
	const letters = "bcdfghjklmnpqrstvwxz2456789"
	name := make([]byte, n)
	for i := range name {
		name[i] = letters[c.random.IntN(len(letters))]
	}
	return string(name)
}

// between returns a random duration in a range.
func (c *cluster) between(low, high time.Duration) time.Duration {
	return low + time.Duration(c.random.Int64N(int64(high-low)))
}
