package demo

import "fmt"

// process is what runs in one pod: one consumer of the component's group as a rule, or
// several that share what the pod can do.
type process struct {
	workers []*worker
	meters  *meters
}

// newProcess connects the consumers of a pod; each worker's run lets it work.
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

// close drops consumers that were never let to work.
func (p *process) close() {
	for _, w := range p.workers {
		w.client.Close()
	}
}

// stop lets the consumers end; it does not wait.
func (p *process) stop() {
	for _, w := range p.workers {
		w.stop()
	}
}

// lately is how many messages per second the pod has handled in the last while.
func (p *process) lately() float64 {
	sum := 0.0
	for _, w := range p.workers {
		sum += w.lately()
	}
	return sum
}
