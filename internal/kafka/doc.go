// Package kafka reads consumer groups: their lag per partition, their state, their
// members and who owns what. It only reads, and needs no more than the right to
// describe the cluster, the topics and the groups.
//
// One sweep reads every group at once. The commits of all groups are one
// OffsetFetch per coordinator, and at the same time the ends of all partitions are
// one ListOffsets per leader, for which the Reader keeps its own map of leaders. A
// sweep of 500 groups over three brokers is six requests and one round trip.
//
// What makes a lag special is decided per partition by [Position.Lag], a pure
// function. Nothing that could not be read is ever counted as zero: a partition is
// unknown, or the whole reading is, and says why in words fit for people. A failure
// stays with the group, topic or broker it belongs to.
package kafka
