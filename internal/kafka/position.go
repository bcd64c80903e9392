package kafka

import "github.com/scalebot/scalebot/internal/scale"

// None is the offset of what does not exist or was not read.
const None int64 = -1

// Position holds the offsets of a group on one partition. Offsets that do not exist are [None].
type Position struct {
	// Committed is the group's commit.
	Committed int64
	// Start and End bound what can be read: the log's first offset, and the one after
	// the last. For groups that read committed only, End is the last stable offset.
	Start, End int64
}

// Lag fills in lag, loss and flag of the position. What cannot be known is flagged
// scale.LagUnknown with the reason in Err.
//
// A commit below the start means that retention removed records unread: they are lost, not lag.
// Without a commit the reset policy says where consumers will begin; those that begin at the end
// have nothing to read (T-32).
func (p Position) Lag(reset scale.Reset) scale.PartitionLag {
	out := scale.PartitionLag{Start: p.Start, Committed: p.Committed, End: p.End, Arrival: -1, Consumption: -1}
	switch {
	case p.End < 0:
		out.Flag, out.Err = scale.LagUnknown, "the end of the partition is not known"
	case p.Committed < 0 && reset != scale.ResetEarliest:
		out.Flag = scale.LagUncounted
	case p.Committed < 0 && p.Start < 0:
		out.Flag, out.Err = scale.LagUnknown, "nobody has committed, and the start of the partition is not known"
	case p.Committed < 0:
		out.Flag, out.Lag = scale.LagUncommitted, max(0, p.End-p.Start)
	case p.Committed > p.End:
		out.Flag = scale.LagAhead
	case p.Committed < p.Start:
		out.Flag, out.Lag, out.Lost = scale.LagLost, max(0, p.End-p.Start), p.Start-p.Committed
	default:
		out.Lag = p.End - p.Committed
	}
	return out
}

// unreadable is a partition whose position could not be read.
func unreadable(why string) scale.PartitionLag {
	return scale.PartitionLag{
		Start: None, Committed: None, End: None,
		Flag: scale.LagUnknown, Err: why, Arrival: -1, Consumption: -1,
	}
}
