#!/bin/sh
# kadm's lag counts from a commit that lies below the log start, messages that nobody can read any more;
# and Total of a group whose partition could not be listed is 0, as if it had no lag, without an error.
set -eu
version=v1.19.0 fake=v0.0.0-20260918054303-01f206a7e32c
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func main() {
	ctx := context.Background()
	cluster := must(kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "t")))
	defer cluster.Close()
	client := must(kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.DefaultProduceTopic("t")))
	defer client.Close()
	for range 100 {
		must(client.ProduceSync(ctx, kgo.StringRecord("x")).First())
	}
	admin, at, start := kadm.NewClient(client), kadm.Offsets{}, kadm.Offsets{}
	at.AddOffset("t", 0, 5, -1)
	start.AddOffset("t", 0, 90, -1)
	must(0, admin.CommitAllOffsets(ctx, "g", at))
	must(admin.DeleteRecords(ctx, start))
	look := func() {
		lag := must(admin.Lag(ctx, "g"))["g"]
		p := lag.Lag["t"][0]
		fmt.Printf("start %d, end %d, commit %d: lag %d, total %d, group error %v, partition error %v\n",
			p.Start.Offset, p.End.Offset, p.Commit.At, p.Lag, lag.Lag.Total(), lag.Error(), p.Err != nil)
	}
	look()
	cluster.ControlKey(kmsg.ListOffsets.Int16(), func(req kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		answer, topic := req.ResponseKind().(*kmsg.ListOffsetsResponse), kmsg.NewListOffsetsResponseTopic()
		partition := kmsg.NewListOffsetsResponseTopicPartition()
		partition.ErrorCode = kerr.OffsetNotAvailable.Code
		topic.Topic, topic.Partitions = "t", append(topic.Partitions, partition)
		answer.Topics = append(answer.Topics, topic)
		return answer, nil, true
	})
	look()
}
GO
cat >expected <<'SEEN'
start 90, end 100, commit 5: lag 95, total 95, group error <nil>, partition error false
start -1, end -1, commit 5: lag -1, total 0, group error <nil>, partition error true
SEEN
{ go mod init finding && go get "github.com/twmb/franz-go/pkg/kadm@$version" "github.com/twmb/franz-go/pkg/kfake@$fake" github.com/twmb/franz-go@v1.22.2 github.com/twmb/franz-go/pkg/kmsg@v1.15.0; } >log 2>&1 || { cat log; exit 2; }
go run . >seen
echo "kadm $version:"
cat seen
diff expected seen >/dev/null || { echo "CHANGED; it used to be:"; cat expected; exit 1; }
