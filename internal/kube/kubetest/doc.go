// Package kubetest makes client-go's fakes refuse what an API server refuses: an update of an
// outdated resource version. It also serves the scale subresource of deployments, counts their
// generation, updates managed fields at writes through that subresource, and lists the calls that
// a test made.
//
// Differences from a real API server remain. Versions count up per fake, not per store. An update
// without a version is accepted for every resource. Writing a whole object without a change makes
// a new version. Field selectors are ignored. A page lists the objects of its own moment, not of
// the first page's. Schemas, other managed fields and permissions are not checked. Only [Serve]
// pages its lists; the fakes alone do not.
package kubetest
