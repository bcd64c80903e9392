package demo

import "fmt"

// process is what runs in one pod: usually one consumer of the component's group, or several that
// share the pod's capacity.
type process struct {
	workers []*worker
	meters  *meters
}

// newProcess connects the consumers of a pod; each worker's run then starts its work.
func (w *World) newProcess(c component, pod string, seed uint64) (*process, error) {
	p := &process{meters: newMeters(c)}
	for i := range w.perPod {
		client := pod
		if w.perPod > 1 {
			client = fmt.Sprintf("%s-%d", pod, i)
		}
		one, err := w.newWorker(c, client, seed+uint64(i), p.meters)
		if err != nil {
			p.close()
			return nil, err
		}
		p.workers = append(p.workers, one)
	}
	return p, nil
}

// close closes consumers that were never started.
func (p *process) close() {
	for _, w := range p.workers {
		w.client.Close()
	}
}

// stop tells the consumers to end; it does not wait.
func (p *process) stop() {
	for _, w := range p.workers {
		w.stop()
	}
}

// lately is the pod's recent rate in messages per second.
func (p *process) lately() float64 {
	sum := 0.0
	for _, w := range p.workers {
		sum += w.lately()
	}
	return sum
}
