package kafka_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/kafka"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const password = "hunter2-secret"

func TestConfigurationMistakes(t *testing.T) {
	for _, tt := range []struct {
		name   string
		config kafka.Config
		want   string
	}{
		{"no brokers", kafka.Config{}, "no kafka broker is configured"},
		{"only blanks", kafka.Config{Brokers: []string{"", " "}}, "no kafka broker is configured"},
		{"a URL", kafka.Config{Brokers: []string{"kafka://a:9092"}}, `"kafka://a:9092" is a URL`},
		{"no host", kafka.Config{Brokers: []string{":9092"}}, `":9092" is not host:port`},
		{"port is a word", kafka.Config{Brokers: []string{"a:kafka"}}, `"a:kafka" is not host:port`},
		{"port too large", kafka.Config{Brokers: []string{"a:70000"}}, `"a:70000" is not host:port`},
		{"IPv6 without brackets", kafka.Config{Brokers: []string{"::1"}}, `"::1" is not host:port`},
		{"unknown mechanism", kafka.Config{Brokers: []string{"a"}, SASLMechanism: "GSSAPI"}, `"GSSAPI" is not supported, use PLAIN`},
		{"mechanism without user", kafka.Config{Brokers: []string{"a"}, SASLMechanism: kafka.Plain, SASLPassword: password}, "needs a user name and a password"},
		{"user without mechanism", kafka.Config{Brokers: []string{"a"}, SASLUsername: "bot"}, "but no SASL mechanism"},
		{"negative timeout", kafka.Config{Brokers: []string{"a"}, Timeout: -1}, "must not be negative"},
		{"two mistakes, first", kafka.Config{SASLMechanism: "X"}, "no kafka broker"},
		{"two mistakes, second", kafka.Config{SASLMechanism: "X"}, `"X" is not supported`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := kafka.New(tt.config)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want %q in it", err, tt.want)
			}
			if strings.Contains(err.Error(), password) {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
}

func TestDefaultPort(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		r := w.newReader(kafka.Config{Brokers: []string{" localhost ", "localhost:9092"}})
		defer r.Close()
		if err := r.Ping(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// wants checks the kind and the words of a failed connection, and that the password
// is in neither of them.
func wants(t *testing.T, err error, kind scale.FaultKind, words string) {
	t.Helper()
	if !scale.IsFault(err, kind) || !strings.Contains(err.Error(), words) {
		t.Errorf("got %v (%+v), want a fault %s with %q", err, scale.FaultOf(err), kind, words)
	}
	if err != nil && strings.Contains(err.Error(), password) {
		t.Errorf("the error shows the password: %v", err)
	}
}

func TestConnectionCheckTellsWhatIsWrong(t *testing.T) {
	for _, tt := range []struct {
		name   string
		config kafka.Config
		kind   scale.FaultKind
		words  string
	}{
		{"hung up on while logging in", kafka.Config{SASLMechanism: kafka.Plain, SASLUsername: "nobody", SASLPassword: password},
			scale.FaultUnreachable, "it may not accept the SASL user name or password"},
		{"no SASL where it is required", kafka.Config{}, scale.FaultUnreachable, "it may expect TLS or SASL"},
		{"TLS where there is none", kafka.Config{TLS: true}, scale.FaultRejected, "TLS"},
		{"nobody listens", kafka.Config{Brokers: []string{"localhost:1"}}, scale.FaultUnreachable, "cannot connect to localhost:1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				r := w.newReader(tt.config)
				defer r.Close()
				wants(t, r.Ping(t.Context()), tt.kind, tt.words)
			}, kfake.EnableSASL(), kfake.Superuser(kafka.ScramSHA256, "bot", password), kfake.Superuser(kafka.Plain, "bot", password))
		})
	}
}

// Kafka says that credentials are wrong, where kfake hangs up.
func TestWrongPassword(t *testing.T) {
	for _, mechanism := range []string{kafka.Plain, kafka.ScramSHA256} {
		t.Run(mechanism, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				w.cluster.ControlKey(kmsg.SASLAuthenticate.Int16(), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
					w.cluster.KeepControl()
					resp := kreq.ResponseKind().(*kmsg.SASLAuthenticateResponse)
					resp.ErrorCode = kerr.SaslAuthenticationFailed.Code
					resp.ErrorMessage = kmsg.StringPtr("Authentication failed during authentication due to invalid credentials")
					return resp, nil, true
				})
				r := w.newReader(kafka.Config{SASLMechanism: mechanism, SASLUsername: "bot", SASLPassword: password})
				defer r.Close()
				wants(t, r.Ping(t.Context()), scale.FaultForbidden, "rejected the SASL user name or password (mechanism "+mechanism+")")
				got := r.Lags(t.Context(), []scale.Component{component()})["worker"].Why()
				if !strings.Contains(got, "rejected the SASL user name or password") {
					t.Errorf("lag: got %q, want the rejected password named", got)
				}
			}, kfake.EnableSASL(), kfake.Superuser(mechanism, "bot", password))
		})
	}
}

func TestMechanismIsNotOffered(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.cluster.ControlKey(kmsg.SASLHandshake.Int16(), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
			w.cluster.KeepControl()
			resp := kreq.ResponseKind().(*kmsg.SASLHandshakeResponse)
			resp.ErrorCode = kerr.UnsupportedSaslMechanism.Code
			resp.SupportedMechanisms = []string{"GSSAPI"}
			return resp, nil, true
		})
		r := w.newReader(kafka.Config{SASLMechanism: kafka.ScramSHA512, SASLUsername: "bot", SASLPassword: password})
		defer r.Close()
		wants(t, r.Ping(t.Context()), scale.FaultRejected, `does not offer SASL mechanism "SCRAM-SHA-512"`)
	}, kfake.EnableSASL())
}

func TestSASL(t *testing.T) {
	for _, mechanism := range []string{kafka.Plain, kafka.ScramSHA256, kafka.ScramSHA512} {
		t.Run(mechanism, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				var log bytes.Buffer
				r := w.newReader(kafka.Config{
					SASLMechanism: mechanism, SASLUsername: "bot", SASLPassword: password,
					Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
				})
				defer r.Close()
				if err := r.Ping(t.Context()); err != nil {
					t.Error(err)
				}
				if strings.Contains(log.String(), password) {
					t.Error("the log shows the password")
				}
			}, kfake.EnableSASL(), kfake.Superuser(mechanism, "bot", password))
		})
	}
}

func TestHostNameIsNotKnown(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		r := w.newReader(kafka.Config{Brokers: []string{"kafak:9092"}, Dialer: func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Name: "kafak", IsNotFound: true}}
		}})
		defer r.Close()
		wants(t, r.Ping(t.Context()), scale.FaultUnreachable, "the host name of kafak:9092 is not known")
	})
}

// A certificate nobody signed is the most common TLS trouble of a first deployment.
func TestTLSCertificateIsNotTrusted(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		r := w.newReader(kafka.Config{TLS: true, Brokers: brokers[:1]})
		defer r.Close()
		wants(t, r.Ping(t.Context()), scale.FaultRejected, "the TLS certificate of localhost:9092 is signed by an authority that is not trusted here")
	}, kfake.TLS(selfSigned(t)))
}

func TestPlainTextToATLSPort(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		err := w.reader.Ping(t.Context())
		if err == nil || !strings.Contains(err.Error(), "TLS") {
			t.Errorf("got %v, want TLS named", err)
		}
	}, kfake.TLS(selfSigned(t)))
}

// A port that takes connections and hangs up is not Kafka, or expects something else.
func TestPortThatHangsUp(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		r := w.newReader(kafka.Config{Brokers: []string{"localhost:9092"}, Dialer: func(context.Context, string, string) (net.Conn, error) {
			here, there := net.Pipe()
			go func() {
				_, _ = there.Read(make([]byte, 1))
				_ = there.Close()
			}()
			return here, nil
		}})
		defer r.Close()
		err := r.Ping(t.Context())
		if !scale.IsFault(err, scale.FaultUnreachable) || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the hang-up reported at once", err)
		}
		if !errors.Is(err, io.EOF) && !strings.Contains(err.Error(), "broke") {
			t.Errorf("got %v, want the broken connection named", err)
		}
	})
}

func selfSigned(t *testing.T) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0),
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{cert}, PrivateKey: key}}}
}
