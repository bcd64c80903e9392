package demo

import "time"

// State is what GET /world/state answers: the world seen from outside.
type State struct {
	Scenario string `json:"scenario"`
	// Scenarios are the names that POST /world/scenario takes.
	Scenarios []string `json:"scenarios"`
	// Speed is how many seconds of the world pass in one of the wall.
	Speed      float64                   `json:"speed"`
	Now        time.Time                 `json:"now"`
	Components map[string]ComponentState `json:"components"`
}

// ComponentState is one component. Rates are messages per second of world time over
// about the last minute and null until they are known.
type ComponentState struct {
	Replicas    int      `json:"replicas"`
	Ready       int      `json:"ready"`
	Partitions  int      `json:"partitions"`
	Members     int      `json:"members"`
	Group       string   `json:"group"`
	GroupState  string   `json:"group_state"`
	Lag         int64    `json:"lag"`
	Arrival     *float64 `json:"arrival"`
	Consumption *float64 `json:"consumption"`
	Pods        []Pod    `json:"pods"`
}

// Pod is one pod of a component; Phase is what kubectl shows as its status.
type Pod struct {
	Name  string `json:"name"`
	Phase string `json:"phase"`
	Ready bool   `json:"ready"`
}

// State reads the present state of the world.
func (w *World) State() State {
	s := State{
		Scenario: w.climate.now().scenario, Scenarios: Scenarios(), Speed: w.clock.Speed(), Now: w.clock.Now(),
		Components: map[string]ComponentState{},
	}
	for _, c := range w.components {
		s.Components[c.name] = w.component(c)
	}
	return s
}

func (w *World) component(c component) ComponentState {
	s := w.cluster.state(c)
	s.Partitions, s.Group = c.partitions(), c.group
	s.Lag = w.gauge.measure(c).lag
	if arrival, consumption, ok := w.gauge.rates(c.name); ok {
		s.Arrival, s.Consumption = &arrival, &consumption
	}
	if group := w.broker.cluster.GroupInfo(c.group); group != nil {
		s.Members, s.GroupState = len(group.Members), group.State
	}
	return s
}
