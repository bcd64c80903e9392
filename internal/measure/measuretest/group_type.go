package measuretest

import (
	"fmt"

	"github.com/scalebot/scalebot/internal/scale"
)

// Sharing turns the world's group into a share group whose members all read everything.
func (w *World) Sharing(members int) *World {
	g := scale.Group{Name: w.Group, State: "Stable", Type: scale.GroupShare, Protocol: "simple"}
	all := make([]int32, 24)
	for i := range all {
		all[i] = int32(i)
	}
	for i := range members {
		g.Members = append(g.Members, scale.Member{ID: fmt.Sprint("m-", i), Epoch: 3,
			Partitions: map[string][]int32{"xact.downloads.pending": all}})
	}
	w.Now.Group = scale.Known(g, w.Now.At, scale.Broker)
	w.Now.Lag.Value.Type = scale.GroupShare
	return w.Workers(members)
}
