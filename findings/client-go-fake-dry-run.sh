#!/bin/sh
# The fake clientset of client-go carries out a write that asks for a dry run, both the old constructor and the one that
# keeps managed fields; so a test of "checks and writes nothing" passes or fails for the wrong reason. A list ignores its
# field selector and its limit, and a version that is out of date is no conflict and becomes the object's.
set -eu
version=v0.37.2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"log"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/fake"
)

func deployment(name, version string, replicas int32) *appsv1.Deployment {
	return &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "n", ResourceVersion: version}, Spec: appsv1.DeploymentSpec{Replicas: &replicas}}
}

func main() {
	ctx, dry := context.Background(), []string{metav1.DryRunAll}
	for _, c := range []struct {
		name   string
		client kubernetes.Interface
	}{
		{"NewSimpleClientset", fake.NewSimpleClientset(deployment("d", "10", 6), deployment("e", "11", 6))},
		{"NewClientset", fake.NewClientset(deployment("d", "10", 6), deployment("e", "11", 6))},
	} {
		api := c.client.AppsV1().Deployments("n")
		look := func(what string, err error) {
			got, missing := api.Get(ctx, "d", metav1.GetOptions{})
			if missing != nil {
				log.Fatal(missing)
			}
			fmt.Printf("%s, %s: error %v, replicas %d, version %s\n", c.name, what, err, *got.Spec.Replicas, got.ResourceVersion)
		}
		_, err := api.Update(ctx, deployment("d", "10", 9), metav1.UpdateOptions{DryRun: dry})
		look("dry update to 9", err)
		_, err = api.Patch(ctx, "d", types.MergePatchType, []byte(`{"spec":{"replicas":8}}`), metav1.PatchOptions{DryRun: dry})
		look("dry patch to 8", err)
		_, err = api.Update(ctx, deployment("d", "3", 7), metav1.UpdateOptions{})
		look("update of version 3 to 7", err)
		err = api.Delete(ctx, "e", metav1.DeleteOptions{DryRun: dry})
		all, _ := api.List(ctx, metav1.ListOptions{})
		fmt.Printf("%s, dry delete of one of two: error %v, %d left\n", c.name, err, len(all.Items))
		if _, err := api.Create(ctx, deployment("f", "", 6), metav1.CreateOptions{}); err != nil {
			log.Fatal(err)
		}
		named, _ := api.List(ctx, metav1.ListOptions{FieldSelector: "metadata.name=d"})
		page, _ := api.List(ctx, metav1.ListOptions{Limit: 1})
		fmt.Printf("%s, list of two: %d by the name of one, %d on a page of one\n", c.name, len(named.Items), len(page.Items))
	}
}
GO
cat >expected <<'SEEN'
NewSimpleClientset, dry update to 9: error <nil>, replicas 9, version 10
NewSimpleClientset, dry patch to 8: error <nil>, replicas 8, version 10
NewSimpleClientset, update of version 3 to 7: error <nil>, replicas 7, version 3
NewSimpleClientset, dry delete of one of two: error <nil>, 1 left
NewSimpleClientset, list of two: 2 by the name of one, 2 on a page of one
NewClientset, dry update to 9: error <nil>, replicas 9, version 10
NewClientset, dry patch to 8: error <nil>, replicas 8, version 10
NewClientset, update of version 3 to 7: error <nil>, replicas 7, version 3
NewClientset, dry delete of one of two: error <nil>, 1 left
NewClientset, list of two: 2 by the name of one, 2 on a page of one
SEEN
{ go mod init finding && go get "k8s.io/client-go/kubernetes/fake@$version" "k8s.io/api@$version" "k8s.io/apimachinery@$version"; } >log 2>&1 || { cat log; exit 2; }
go run . >seen
echo "client-go $version:"
cat seen
diff expected seen >/dev/null || { echo "CHANGED; it used to be:"; cat expected; exit 1; }
