package cards

import (
	"bytes"
	"fmt"
	"time"

	"github.com/slack-go/slack"
	chart "github.com/wcharczuk/go-chart/v2"
	"github.com/wcharczuk/go-chart/v2/drawing"

	"github.com/scalebot/scalebot/internal/blockkit"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// knownPoints are the newest points that can be drawn. Slack needs one number for every category,
// so a moment with an unknown lag is left out; it is never drawn as zero.
func knownPoints(points []ledger.ChartPoint) []ledger.ChartPoint {
	var known []ledger.ChartPoint
	for _, p := range points {
		if p.Lag >= 0 {
			known = append(known, p)
		}
	}
	return known[max(0, len(known)-blockkit.ChartPoints):]
}

// sinceChange labels the points with minutes and seconds since the write: "+3:15". Slack needs
// distinct labels, so points of the same second are moved apart.
func sinceChange(points []ledger.ChartPoint, zero time.Time) []string {
	labels, last := make([]string, len(points)), -1<<31
	for i, p := range points {
		s := max(int(p.At.Sub(zero).Round(time.Second).Seconds()), last+1)
		sign := "+"
		if last = s; s < 0 {
			sign, s = "−", -s
		}
		labels[i] = fmt.Sprintf("%s%d:%02d", sign, s/60, s%60)
	}
	return labels
}

// ofPeaks says what the points are: the peak of each interval, and last the lag at the moment of
// the report, if it was known.
func ofPeaks(r ledger.Report) string {
	if r.Lag.Known() {
		return "peak of each stretch, last: now"
	}
	return "peak of each stretch"
}

func chartTitle(op ledger.Operation) string {
	return Plain("Lag of "+op.Component, blockkit.ChartTitle)
}

// NativeChart is Slack's own line chart of the lag; nil when there are too few points
// for a line.
func NativeChart(op ledger.Operation, r ledger.Report) slack.Block {
	points := knownPoints(r.Chart)
	if len(points) < 2 {
		return nil
	}
	labels := sinceChange(points, op.Rollout().WrittenAt)
	data := make([]slack.DataVisualizationDataPoint, len(points))
	for i, p := range points {
		data[i] = slack.NewDataVisualizationDataPoint(labels[i], float64(p.Lag))
	}
	axes := slack.NewDataVisualizationAxisConfig(labels...).WithXLabel("minutes from the change").WithYLabel("messages: " + ofPeaks(r))
	block := slack.NewDataVisualizationBlock(chartTitle(op),
		slack.NewDataVisualizationLineChart(axes, slack.NewDataVisualizationDataSeries("lag", data...)))
	if block.Validate() != nil {
		return nil
	}
	return block
}

// WithChart puts the chart above the buttons, directly after the checklist.
func WithChart(l Content, block slack.Block) Content {
	if block == nil || len(l.Blocks) >= blockkit.MessageBlocks {
		return l
	}
	at := len(l.Blocks)
	if at > 0 && l.Blocks[at-1].BlockType() == slack.MBTAction {
		at--
	}
	blocks := append([]slack.Block{}, l.Blocks[:at]...)
	l.Blocks = append(append(blocks, block), l.Blocks[at:]...)
	return l
}

// PngChart draws the same chart as a picture, for workspaces that refuse the native
// one; nil without an error when there are too few points.
func PngChart(op ledger.Operation, r ledger.Report) ([]byte, error) {
	points := knownPoints(r.Chart)
	if len(points) < 2 {
		return nil, nil
	}
	xs, ys, top := make([]float64, len(points)), make([]float64, len(points)), 1.0
	for i, p := range points {
		xs[i], ys[i] = p.At.Sub(op.Rollout().WrittenAt).Minutes(), float64(p.Lag)
		top = max(top, ys[i])
	}
	if xs[0] == xs[len(xs)-1] {
		return nil, nil
	}
	graph := chart.Chart{
		Title: chartTitle(op), Width: 800, Height: 320,
		Background: chart.Style{Padding: chart.Box{Top: 40, Left: 20, Right: 20, Bottom: 10}},
		XAxis:      chart.XAxis{Name: "minutes from the change", ValueFormatter: signedMinutes},
		YAxis:      chart.YAxis{Name: "messages: " + ofPeaks(r), Range: &chart.ContinuousRange{Min: 0, Max: top * 1.05}, ValueFormatter: messages},
		Series:     []chart.Series{chart.ContinuousSeries{Name: "lag", XValues: xs, YValues: ys, Style: lagLine}},
	}
	var out bytes.Buffer
	if err := graph.Render(chart.PNG, &out); err != nil {
		return nil, fmt.Errorf("drawing the lag of %s: %w", op.Component, err)
	}
	return out.Bytes(), nil
}

var lagLine = chart.Style{StrokeColor: drawing.ColorFromHex("1d3557"), StrokeWidth: 2.5}

func signedMinutes(v any) string { return fmt.Sprintf("%+.0f", v) }

func messages(v any) string {
	f, _ := v.(float64)
	return scale.Count(int64(f))
}

// WithSpark adds the lag as a sparkline, for workspaces that cannot show a chart.
func WithSpark(l Content, r ledger.Report) Content {
	line := Sparkline(chartLag(r.Chart))
	if line == "" {
		return l
	}
	return WithChart(l, slack.NewContextBlock("", Mrkdwn("Lag "+line+" ("+ofPeaks(r)+")")))
}
