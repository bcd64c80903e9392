package measuretest

import (
	"github.com/scalebot/scalebot/internal/scale"
)

// Pulling makes all but the first running pods fail to pull their image.
func (w *World) Pulling(running int) *World {
	return w.Change(func(l *scale.Workload) {
		for i := running; i < len(l.Pods); i++ {
			l.Pods[i].Ready, l.Pods[i].Cause, l.Pods[i].Trouble = false, scale.CauseImage, "ImagePullBackOff"
		}
		l.Ready = running
	})
}

// Causes sets the cause of every pod that is not ready.
func Causes(l *scale.Workload, cause scale.PodCause) {
	for i := range l.Pods {
		if !l.Pods[i].Ready {
			l.Pods[i].Cause = cause
		}
	}
}
