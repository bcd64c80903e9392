package kafka

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/scalebot/scalebot/test/e2e/cache"
)

//go:embed pom.xml
var pom []byte

// checksums are of every jar, as sha256sum prints them.
//
//go:embed libs.sha256
var checksums []byte

// Install is Kafka, fetched, and the Java that runs it.
type Install struct {
	java string
	libs string
}

// Fetch returns Kafka from the cache, or from Maven's repositories the first time.
func Fetch() (Install, error) {
	java, err := cache.Need("java", "a Java runtime of version 17 or newer")
	if err != nil {
		return Install{}, err
	}
	libs, err := cache.Made("kafka-"+cache.Key(pom, checksums), download)
	if err != nil {
		return Install{}, err
	}
	return Install{java: java, libs: libs}, nil
}

func download(dir string) error {
	maven, err := cache.Need("mvn", "Apache Maven, to fetch Kafka")
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "pom.xml")
	if err := os.WriteFile(file, pom, 0o644); err != nil {
		return fmt.Errorf("fetching Kafka: %w", err)
	}
	err = cache.Run(dir, maven, nil, "-B", "-q", "--strict-checksums", "-f", file,
		"dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory="+dir)
	if err != nil {
		return fmt.Errorf("fetching Kafka: %w", err)
	}
	return verify(dir)
}

// verify compares every jar with its checksum: none may differ, be missing or be one too many.
func verify(dir string) error {
	want, err := expected()
	if err != nil {
		return err
	}
	jars, err := filepath.Glob(filepath.Join(dir, "*.jar"))
	if err != nil {
		return err
	}
	for _, jar := range jars {
		content, err := os.ReadFile(jar)
		if err != nil {
			return fmt.Errorf("verifying Kafka: %w", err)
		}
		name, sum := filepath.Base(jar), sha256.Sum256(content)
		if got := hex.EncodeToString(sum[:]); got != want[name] {
			return fmt.Errorf("verifying Kafka: %s has the checksum %s, want %q", name, got, want[name])
		}
		delete(want, name)
	}
	for name := range want {
		return fmt.Errorf("verifying Kafka: %s was not fetched", name)
	}
	return nil
}

func expected() (map[string]string, error) {
	want := make(map[string]string)
	for lines := bufio.NewScanner(bytes.NewReader(checksums)); lines.Scan(); {
		words := strings.Fields(lines.Text())
		if len(words) != 2 {
			return nil, fmt.Errorf("verifying Kafka: %q is not a checksum and a file", lines.Text())
		}
		want[words[1]] = words[0]
	}
	return want, nil
}

// arguments are those of a JVM that runs one of Kafka's classes. Quick starts matter here and throughput does not.
func (i Install) arguments(heap, class string, args ...string) []string {
	return append([]string{
		"-Xmx" + heap, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dorg.apache.logging.log4j.level=WARN",
		"-cp", filepath.Join(i.libs, "*"), class,
	}, args...)
}
