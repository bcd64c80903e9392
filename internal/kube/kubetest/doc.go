// Package kubetest makes client-go's fakes refuse what an API server refuses: a write
// from an old resource version. It also answers the scale subresource of deployments,
// keeps their generation, keeps managed fields at writes through that subresource, and
// lists which calls a test made.
//
// What still differs from a real API server: versions count up per fake and not per
// store, an update without a version is let through for every resource, a whole
// object that changes nothing makes a new version, field selectors are ignored, a page is of
// the objects at its moment and not of the list's first one, and neither schemas, nor other
// managed fields, nor rights are checked. Paging is that of [Serve]; the fakes alone have none.
package kubetest
