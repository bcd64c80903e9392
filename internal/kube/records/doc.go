// Package records keeps operations and episodes in the cluster, as custom resources: it is the store
// of STORE=kubernetes. An object is named after component and number, which no two can have, and is
// changed only as it was read; what is unfinished is mirrored by a watch, so that an idle bot asks
// for little.
package records
