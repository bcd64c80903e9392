#!/bin/sh
# A single custom resource passes for a list: meta.ListAccessor takes an Unstructured without an error, and setting
# "the version of the list" through it changes the version of the object itself, so that the next update of the object
# is a conflict. meta.IsListType tells the two apart. Of a typed object ListAccessor says that it is none.
set -eu
version=v0.37.2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
cat >main.go <<'GO'
package main

import (
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

func try(name string, object runtime.Object) {
	list, err := meta.ListAccessor(object)
	if err != nil {
		fmt.Printf("%s: no list (%v); IsListType %t\n", name, err, meta.IsListType(object))
		return
	}
	list.SetResourceVersion("900")
	one, err := meta.Accessor(object)
	if err != nil {
		fmt.Printf("%s: a list of version %s; IsListType %t\n", name, list.GetResourceVersion(), meta.IsListType(object))
		return
	}
	fmt.Printf("%s: taken for a list, and now the object has version %s; IsListType %t\n", name, one.GetResourceVersion(), meta.IsListType(object))
}

func main() {
	head := map[string]any{"name": "orders", "resourceVersion": "7"}
	try("one custom resource", &unstructured.Unstructured{Object: map[string]any{"apiVersion": "example.com/v1", "kind": "Topic", "metadata": head}})
	try("one typed object", &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{Name: "orders", ResourceVersion: "7"}})
}
GO
cat >expected <<'SEEN'
one custom resource: taken for a list, and now the object has version 900; IsListType false
one typed object: no list (object does not implement the List interfaces); IsListType false
SEEN
{ go mod init finding && go get "k8s.io/apimachinery@$version" && go mod tidy; } >log 2>&1 || { cat log; exit 2; }
go run . >seen
echo "apimachinery $version:"
cat seen
diff expected seen >/dev/null || { echo "CHANGED; it used to be:"; cat expected; exit 1; }
