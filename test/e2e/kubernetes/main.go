package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// components are the programs this one can be, by the name they have upstream.
var components = map[string]func(args []string){
	"etcd":                    etcd,
	"kube-apiserver":          apiServer,
	"kube-controller-manager": controllerManager,
	"kube-scheduler":          scheduler,
	"kwok":                    fakeKubelets,
	"kubectl":                 kubectl,
	"metrics-server":          metricsServer,
	"objects":                 objects,
}

func main() {
	name, args := called(os.Args)
	run, ok := components[name]
	if !ok {
		fmt.Fprintf(os.Stderr, "kubernetes: no component %q; there are %s\n", name, strings.Join(names(), ", "))
		os.Exit(2)
	}
	// Every component reads its own name and flags from os.Args.
	os.Args = append([]string{name}, args...)
	run(args)
}

// called tells which component was asked for: by the name of a symbolic link, or by the first argument.
func called(argv []string) (string, []string) {
	base := filepath.Base(argv[0])
	if _, ok := components[base]; ok {
		return base, argv[1:]
	}
	if len(argv) < 2 {
		return "", nil
	}
	return argv[1], argv[2:]
}

func names() []string {
	out := make([]string, 0, len(components))
	for name := range components {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}
