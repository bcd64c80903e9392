package measure

import (
	"testing"

	"github.com/scalebot/scalebot/internal/scale"
)

func TestPartitionNamesForPeople(t *testing.T) {
	one := []scale.PartitionLag{{Topic: "t", Partition: 7}}
	tests := []struct{ got, want string }{
		{Names(nil), ""}, {Names(one), "partition 7 of t"}, {Names(append(one, scale.PartitionLag{Topic: "t", Partition: 9})), "partitions 7 and 9 of t"},
		{Names(append(one, scale.PartitionLag{Topic: "u", Partition: 0})), "partitions t/7 and u/0"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}
