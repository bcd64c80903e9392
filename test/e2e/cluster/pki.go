package cluster

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// lifetime of all certificates: longer than any test and any evening in the lab.
const lifetime = 7 * 24 * time.Hour

// authority signs certificates and writes them to a directory as NAME.crt and NAME.key.
type authority struct {
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// newAuthority makes an authority whose own certificate is NAME.crt.
func newAuthority(dir, name string) (authority, error) {
	template, err := template(name, nil)
	if err != nil {
		return authority{}, err
	}
	template.IsCA, template.BasicConstraintsValid = true, true
	template.KeyUsage |= x509.KeyUsageCertSign
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return authority{}, fmt.Errorf("making the authority %s: %w", name, err)
	}
	a := authority{dir: dir, cert: template, key: key}
	if err := a.write(name, template, key); err != nil {
		return authority{}, err
	}
	return a, nil
}

// issue makes a certificate for a name, its groups, and the hosts it serves.
func (a authority) issue(file, name string, groups []string, hosts ...string) error {
	template, err := template(name, groups)
	if err != nil {
		return err
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("making the certificate of %s: %w", name, err)
	}
	return a.write(file, template, key)
}

func template(name string, groups []string) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, fmt.Errorf("making the certificate of %s: %w", name, err)
	}
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: name, Organization: groups},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(lifetime),
		KeyUsage:     x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}, nil
}

func (a authority) write(file string, cert *x509.Certificate, key *ecdsa.PrivateKey) error {
	der, err := x509.CreateCertificate(rand.Reader, cert, a.cert, &key.PublicKey, a.key)
	if err != nil {
		return fmt.Errorf("signing %s: %w", file, err)
	}
	secret, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return fmt.Errorf("encoding the key of %s: %w", file, err)
	}
	for suffix, block := range map[string]*pem.Block{".crt": {Type: "CERTIFICATE", Bytes: der}, ".key": {Type: "EC PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(filepath.Join(a.dir, file+suffix), pem.EncodeToMemory(block), 0o600); err != nil {
			return fmt.Errorf("writing %s: %w", file, err)
		}
	}
	return nil
}

// makeCertificates writes everything that the components show and trust.
func makeCertificates(dir string) error {
	ca, err := newAuthority(dir, "ca")
	if err != nil {
		return err
	}
	proxy, err := newAuthority(dir, "front-proxy-ca")
	if err != nil {
		return err
	}
	masters := []string{"system:masters"}
	for _, issue := range []func() error{
		func() error {
			return ca.issue("apiserver", "kube-apiserver", nil, "127.0.0.1", "localhost", "10.96.0.1", "kubernetes.default.svc")
		},
		func() error { return ca.issue("loopback", "loopback", nil, "127.0.0.1", "localhost") },
		func() error { return ca.issue("sa", "service-accounts", nil) },
		func() error { return ca.issue("admin", "admin", masters) },
		func() error { return ca.issue("kwok", "kwok", masters) },
		func() error { return ca.issue("metrics-server", "metrics-server", masters) },
		func() error { return ca.issue("kube-controller-manager", "system:kube-controller-manager", nil) },
		func() error { return ca.issue("kube-scheduler", "system:kube-scheduler", nil) },
		func() error { return proxy.issue("front-proxy-client", "front-proxy-client", nil) },
	} {
		if err := issue(); err != nil {
			return err
		}
	}
	return nil
}
