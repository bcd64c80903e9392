#!/bin/sh
# client-go sends a write again by itself, POST too and up to ten times, when a 5xx carries Retry-After, as the API
# server's answer does while etcd is out of reach. If the first one was stored, the caller hears of a conflict with
# itself, or of a success that is there twice. Without the header, or with a date in it, it is sent once.
set -eu
version=v0.37.2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
cat >main.go <<'GO'
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strconv"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// server stores what it is sent, and the first answer to each verb is lost on its way from etcd.
func server(retryAfter string) (*httptest.Server, *autoscalingv1.Scale, map[string]int) {
	stored, sent := &autoscalingv1.Scale{ObjectMeta: metav1.ObjectMeta{ResourceVersion: "1"}, Spec: autoscalingv1.ScaleSpec{Replicas: 6}}, map[string]int{}
	refuse := func(w http.ResponseWriter, why *errors.StatusError) {
		why.ErrStatus.TypeMeta = metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}
		w.WriteHeader(int(why.ErrStatus.Code))
		json.NewEncoder(w).Encode(why.ErrStatus)
	}
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		sent[r.Method]++
		if r.Method == http.MethodPut {
			var scale autoscalingv1.Scale
			if err := json.NewDecoder(r.Body).Decode(&scale); err != nil {
				log.Fatal(err)
			}
			if scale.ResourceVersion != stored.ResourceVersion {
				refuse(w, errors.NewConflict(schema.GroupResource{Resource: "deployments"}, "d", nil))
				return
			}
			*stored = scale
			stored.ResourceVersion = strconv.Itoa(1 + sent[r.Method])
		}
		if sent[r.Method] == 1 {
			if retryAfter != "" {
				w.Header().Set("Retry-After", retryAfter)
			}
			refuse(w, errors.NewServerTimeout(schema.GroupResource{Resource: "any"}, "write", 2))
			return
		}
		fmt.Fprint(w, `{}`)
	})), stored, sent
}

func main() {
	ctx := context.Background()
	for _, retryAfter := range []string{"1", "", "Mon, 30 Nov 2026 12:00:00 GMT"} {
		api, stored, sent := server(retryAfter)
		client, err := kubernetes.NewForConfig(&rest.Config{Host: api.URL, ContentConfig: rest.ContentConfig{ContentType: "application/json"}})
		if err != nil {
			log.Fatal(err)
		}
		_, put := client.AppsV1().Deployments("n").UpdateScale(ctx, "d", &autoscalingv1.Scale{
			ObjectMeta: metav1.ObjectMeta{Name: "d", ResourceVersion: "1"}, Spec: autoscalingv1.ScaleSpec{Replicas: 9}}, metav1.UpdateOptions{})
		_, post := client.CoreV1().Events("n").Create(ctx, &corev1.Event{ObjectMeta: metav1.ObjectMeta{GenerateName: "e"}}, metav1.CreateOptions{})
		fmt.Printf("Retry-After %q: PUT sent %d times, %d replicas stored, the caller hears %q; POST sent and stored %d times, the caller hears %q\n",
			retryAfter, sent["PUT"], stored.Spec.Replicas, errors.ReasonForError(put), sent["POST"], errors.ReasonForError(post))
		api.Close()
	}
}
GO
cat >expected <<'SEEN'
Retry-After "1": PUT sent 2 times, 9 replicas stored, the caller hears "Conflict"; POST sent and stored 2 times, the caller hears ""
Retry-After "": PUT sent 1 times, 9 replicas stored, the caller hears "ServerTimeout"; POST sent and stored 1 times, the caller hears "ServerTimeout"
Retry-After "Mon, 30 Nov 2026 12:00:00 GMT": PUT sent 1 times, 9 replicas stored, the caller hears "ServerTimeout"; POST sent and stored 1 times, the caller hears "ServerTimeout"
SEEN
{ go mod init finding && go get "k8s.io/client-go/kubernetes@$version" "k8s.io/api@$version" "k8s.io/apimachinery@$version"; } >log 2>&1 || { cat log; exit 2; }
go run . >seen
echo "client-go $version:"
cat seen
diff expected seen >/dev/null || { echo "CHANGED; it used to be:"; cat expected; exit 1; }
