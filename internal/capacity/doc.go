// Package capacity plans ahead: how many workers a demand needs, and what would have to change
// where partitions or room do not allow as many.
package capacity
