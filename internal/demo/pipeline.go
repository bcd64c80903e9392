package demo

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Namespace is where the simulated cluster runs the pipeline.
const Namespace = "kafka-pipeline"

// downloadWorker is the component that the incidents happen to.
const downloadWorker = "download-worker"

// topic is a Kafka topic and its partition count.
type topic struct {
	name       string
	partitions int32
}

// component is one stage of the pipeline with its normal numbers: the runbook's
// topics, replicas and resource baselines, and traffic at about three quarters of
// what its workers can do.
type component struct {
	name     string
	group    string
	topics   []topic
	replicas int32
	// arrival is the normal traffic in messages per second.
	arrival float64
	// capacity is what one worker handles in messages per second, and slots how many
	// messages it handles at once; together they give the time one message takes.
	capacity float64
	slots    float64
	// cpuIdle and cpuBusy are millicores at rest and per message per second; memory
	// is in MiB.
	cpuIdle, cpuBusy, memory float64
	// downloads says that an external transfer takes most of a message's time. writes says that
	// batches go to the downstream table.
	downloads, writes bool
	resources         corev1.ResourceRequirements
	env               []corev1.EnvVar
}

// partitions is the number of partitions over all topics.
func (c component) partitions() int {
	n := 0
	for _, t := range c.topics {
		n += int(t.partitions)
	}
	return n
}

func (c component) topicNames() []string {
	var names []string
	for _, t := range c.topics {
		names = append(names, t.name)
	}
	return names
}

// pipeline is the normal world, in the order messages flow.
var pipeline = []component{
	{
		name: "event-ingester", group: "xact-event-ingester",
		topics:   []topic{{"xact.events.raw", 12}},
		replicas: 3, arrival: 220, capacity: 100, slots: 4,
		cpuIdle: 30, cpuBusy: 2.3, memory: 256,
		resources: bounds("250m", "384Mi", "500m", "512Mi"),
		env:       tuning("KAFKA_MAX_POLL_RECORDS", "100"),
	},
	{
		name: downloadWorker, group: "xact-download-worker",
		topics:   []topic{{"xact.downloads.pending", 24}},
		replicas: 6, arrival: 450, capacity: 100, slots: 5,
		cpuIdle: 50, cpuBusy: 4, memory: 450, downloads: true,
		resources: bounds("500m", "512Mi", "1", "1Gi"),
		env: tuning("DOWNLOAD_CONCURRENCY", "5", "KAFKA_MAX_POLL_RECORDS", "100",
			"KAFKA_MAX_POLL_INTERVAL_MS", "300000", "KAFKA_SESSION_TIMEOUT_MS", "45000"),
	},
	{
		name: "result-processor", group: "xact-result-processor",
		topics:   []topic{{"xact.downloads.results", 6}},
		replicas: 2, arrival: 150, capacity: 100, slots: 4,
		cpuIdle: 45, cpuBusy: 3.4, memory: 256, writes: true,
		resources: bounds("300m", "384Mi", "600m", "512Mi"),
		env:       tuning("BATCH_SIZE", "100", "BATCH_TIMEOUT_SECONDS", "5"),
	},
	{
		name: "dlq-handler", group: "xact-dlq-handler",
		topics:   []topic{{"xact.downloads.dlq", 3}},
		replicas: 1, arrival: 0.2, capacity: 20, slots: 1,
		cpuIdle: 35, cpuBusy: 5, memory: 120,
		resources: bounds("100m", "128Mi", "100m", "256Mi"),
	},
	{
		name: "retry-scheduler", group: "xact-retry-scheduler",
		topics: []topic{
			{"xact.downloads.retry.5m", 3}, {"xact.downloads.retry.30m", 3}, {"xact.downloads.retry.2h", 3},
		},
		replicas: 1, arrival: 3, capacity: 50, slots: 1,
		cpuIdle: 35, cpuBusy: 4, memory: 120,
		resources: bounds("100m", "128Mi", "100m", "256Mi"),
	},
}

// componentNames lists the pipeline in its order.
func componentNames() []string {
	names := make([]string, 0, len(pipeline))
	for _, c := range pipeline {
		names = append(names, c.name)
	}
	return names
}

// lookup finds a component by its name.
func lookup(name string) (component, bool) {
	i := slices.IndexFunc(pipeline, func(c component) bool { return c.name == name })
	if i < 0 {
		return component{}, false
	}
	return pipeline[i], true
}

func bounds(cpu, memory, cpuLimit, memoryLimit string) corev1.ResourceRequirements {
	list := func(cpu, memory string) corev1.ResourceList {
		return corev1.ResourceList{
			corev1.ResourceCPU:    resource.MustParse(cpu),
			corev1.ResourceMemory: resource.MustParse(memory),
		}
	}
	return corev1.ResourceRequirements{Requests: list(cpu, memory), Limits: list(cpuLimit, memoryLimit)}
}

func tuning(pairs ...string) []corev1.EnvVar {
	var env []corev1.EnvVar
	for pair := range slices.Chunk(pairs, 2) {
		env = append(env, corev1.EnvVar{Name: pair[0], Value: pair[1]})
	}
	return env
}
