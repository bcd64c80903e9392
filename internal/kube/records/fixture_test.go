package records

import (
	"log/slog"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	dynamicfake "k8s.io/client-go/dynamic/fake"

	"github.com/scalebot/scalebot/internal/kube/kubetest"
)

const namespace = "kafka-pipeline"

var (
	quiet  = slog.New(slog.DiscardHandler)
	seenAt = time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)
)

// dynamicClient is a fake that holds records and gives them versions as a server does.
func dynamicClient(objects ...runtime.Object) *dynamicfake.FakeDynamicClient {
	client := dynamicfake.NewSimpleDynamicClientWithCustomListKinds(runtime.NewScheme(), map[schema.GroupVersionResource]string{
		OperationsResource: "ScalingOperationList", EpisodesResource: "ScalingEpisodeList",
	}, objects...)
	kubetest.Versions(client)
	return client
}
