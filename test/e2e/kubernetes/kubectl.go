package main

import (
	_ "k8s.io/client-go/plugin/pkg/client/auth" // The authentication plug-ins, as upstream's main registers them.
	"k8s.io/component-base/cli"
	"k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/util"
)

func kubectl([]string) {
	if err := cli.RunNoErrOutput(cmd.NewDefaultKubectlCommand()); err != nil {
		util.CheckErr(err)
	}
}
