// Package kafka reads consumer groups: their lag per partition, their state, their members and
// who owns what. It only reads, and needs no more than the right to describe the cluster, the
// topics and the groups.
//
// One sweep reads every group at once. The commits of all groups are one OffsetFetch per
// coordinator. At the same time the ends of all partitions are one ListOffsets per leader, for
// which the Reader keeps its own map of leaders. A sweep of 500 groups over three brokers is six
// requests and one round trip.
//
// [Position.Lag], a pure function, decides the special cases of lag for each partition. Nothing
// that could not be read is ever counted as zero: a partition is unknown, or the whole reading
// is, with the reason in words for people. A failure affects only its own group, topic or broker.
package kafka
