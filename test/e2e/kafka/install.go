package kafka

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/scalebot/scalebot/test/e2e/cache"
)

//go:embed pom.xml
var pom []byte

// checksums are of every jar of each version, as sha256sum prints them.
//
//go:embed libs/*.sha256
var checksums embed.FS

// Variable names the environment variable that chooses the version of Kafka.
const Variable = "SCALEBOT_E2E_KAFKA"

// Versions are those that the tests know, the one they run on by default first.
var Versions = []string{"4.4.0", "4.3.1"}

// Version is the one that the environment names, or the first of Versions.
func Version() string { return cmp.Or(os.Getenv(Variable), Versions[0]) }

// Install is Kafka, fetched, and the Java that runs it.
type Install struct {
	java string
	libs string
}

// Fetch returns a version of Kafka from the cache, or from Maven's repositories the first time.
func Fetch(version string) (Install, error) {
	sums, err := checksums.ReadFile("libs/" + version + ".sha256")
	if err != nil {
		return Install{}, fmt.Errorf("the end-to-end tests know Kafka %s, and %s is none of them (%s names it)", strings.Join(Versions, " and "), version, Variable)
	}
	java, err := cache.Need("java", "a Java runtime of version 17 or newer")
	if err != nil {
		return Install{}, err
	}
	libs, err := cache.Made("kafka-"+version+"-"+cache.Key(pom, sums), func(dir string) error { return download(dir, version, sums) })
	if err != nil {
		return Install{}, err
	}
	return Install{java: java, libs: libs}, nil
}

func download(dir, version string, sums []byte) error {
	maven, err := cache.Need("mvn", "Apache Maven, to fetch Kafka")
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "pom.xml")
	if err := os.WriteFile(file, pom, 0o644); err != nil {
		return fmt.Errorf("fetching Kafka: %w", err)
	}
	err = cache.Run(dir, maven, nil, "-B", "-q", "--strict-checksums", "-f", file,
		"-Dkafka.version="+version, "dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory="+dir)
	if err != nil {
		return fmt.Errorf("fetching Kafka: %w", err)
	}
	return verify(dir, sums)
}

// verify compares every jar with its checksum: none may differ, be missing or be one too many.
func verify(dir string, sums []byte) error {
	want, err := expected(sums)
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

func expected(sums []byte) (map[string]string, error) {
	want := make(map[string]string)
	for lines := bufio.NewScanner(bytes.NewReader(sums)); lines.Scan(); {
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
