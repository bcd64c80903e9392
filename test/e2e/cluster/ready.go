package cluster

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"time"

	"crypto/tls"
	"crypto/x509"
)

// askTime bounds one question to a component.
const askTime = 5 * time.Second

func (c *Cluster) etcdHealthy(ctx context.Context) error {
	return ask(ctx, http.DefaultClient, "http://"+local(c.ports.etcd)+"/health")
}

func (c *Cluster) apiServerReady(ctx context.Context) error {
	pem, err := os.ReadFile(c.file("ca.crt"))
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS13}, DisableKeepAlives: true}}
	return ask(ctx, client, c.Server()+"/readyz")
}

func ask(ctx context.Context, client *http.Client, url string) error {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, resp.Status)
	}
	return nil
}
