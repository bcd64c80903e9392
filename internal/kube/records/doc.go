// Package records stores operations and episodes in the cluster, as custom resources. It is the
// store behind STORE=kubernetes. An object's name contains component and number, so no two
// objects can claim the same number. An update succeeds only if the object has not changed since
// it was read. A watch mirrors the unfinished operations, so that an idle bot makes few requests.
// for little.
package records
