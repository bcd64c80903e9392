package cluster

import (
	"fmt"
	"path/filepath"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// writeKubeconfig writes NAME.kubeconfig for a user and returns its path.
func (c *Cluster) writeKubeconfig(name string, user *clientcmdapi.AuthInfo) (string, error) {
	config := clientcmdapi.NewConfig()
	config.Clusters["lab"] = &clientcmdapi.Cluster{Server: c.Server(), CertificateAuthority: c.file("ca.crt")}
	config.AuthInfos[name] = user
	config.Contexts[name] = &clientcmdapi.Context{Cluster: "lab", AuthInfo: name}
	config.CurrentContext = name
	path := c.file(name + ".kubeconfig")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		return "", fmt.Errorf("writing the kubeconfig of %s: %w", name, err)
	}
	return path, nil
}

// certificate is the user of a certificate made for it.
func (c *Cluster) certificate(name string) *clientcmdapi.AuthInfo {
	return &clientcmdapi.AuthInfo{ClientCertificate: c.file(name + ".crt"), ClientKey: c.file(name + ".key")}
}

func (c *Cluster) file(name string) string { return filepath.Join(c.dir, name) }
