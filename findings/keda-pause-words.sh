#!/bin/sh
# KEDA's pause annotations: what is no boolean for Go pauses, "false " with a blank, "no", "off" and an empty value too,
# for all, inwards and ScaledJobs alike. paused-replicas pauses whatever "paused" says, also when its count cannot be
# read ("4 ", "4.0", empty), and -4 is a count. It builds the package of KEDA's types: minutes.
set -eu
version=v2.21.0
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
cat >main.go <<'GO'
package main

import (
	"fmt"

	keda "github.com/kedacore/keda/v2/apis/keda/v1alpha1"
)

func main() {
	for _, value := range []string{"true", "false", "FALSE", "f", "0", "false ", "fAlse", "no", "off", ""} {
		object, job := keda.ScaledObject{}, keda.ScaledJob{}
		object.Annotations = map[string]string{keda.PausedAnnotation: value, keda.PausedScaleInAnnotation: value, keda.PausedScaleOutAnnotation: value}
		job.Annotations = object.Annotations
		fmt.Printf("paused %q: ScaledObject %v, in %v, out %v, ScaledJob %v\n", value,
			object.NeedToBePausedByAnnotation(), object.NeedToPauseScaleIn(), object.NeedToPauseScaleOut(), job.NeedToBePausedByAnnotation())
	}
	for _, value := range []string{"4", "0", "-4", "4 ", "4.0", ""} {
		object := keda.ScaledObject{}
		object.Annotations = map[string]string{keda.PausedAnnotation: "false", keda.PausedReplicasAnnotation: value}
		count, err := object.GetPausedReplicaCount()
		text := "none"
		if count != nil {
			text = fmt.Sprint(*count)
		}
		fmt.Printf("paused \"false\", paused-replicas %q: paused %v, count %s, unreadable %v\n", value, object.NeedToBePausedByAnnotation(), text, err != nil)
	}
}
GO
cat >expected <<'SEEN'
paused "true": ScaledObject true, in true, out true, ScaledJob true
paused "false": ScaledObject false, in false, out false, ScaledJob false
paused "FALSE": ScaledObject false, in false, out false, ScaledJob false
paused "f": ScaledObject false, in false, out false, ScaledJob false
paused "0": ScaledObject false, in false, out false, ScaledJob false
paused "false ": ScaledObject true, in true, out true, ScaledJob true
paused "fAlse": ScaledObject true, in true, out true, ScaledJob true
paused "no": ScaledObject true, in true, out true, ScaledJob true
paused "off": ScaledObject true, in true, out true, ScaledJob true
paused "": ScaledObject true, in true, out true, ScaledJob true
paused "false", paused-replicas "4": paused true, count 4, unreadable false
paused "false", paused-replicas "0": paused true, count 0, unreadable false
paused "false", paused-replicas "-4": paused true, count -4, unreadable false
paused "false", paused-replicas "4 ": paused true, count none, unreadable true
paused "false", paused-replicas "4.0": paused true, count none, unreadable true
paused "false", paused-replicas "": paused true, count none, unreadable true
SEEN
{ go mod init finding && go get "github.com/kedacore/keda/v2/apis/keda/v1alpha1@$version"; } >log 2>&1 || { cat log; exit 2; }
go run . >seen
echo "KEDA $version:"
cat seen
diff expected seen >/dev/null || { echo "CHANGED; it used to be:"; cat expected; exit 1; }
