// Package manifests carries the installation's YAML for what has to agree with it: the
// doctor asks for exactly the rights that the Role grants.
package manifests

import _ "embed"

// Role is rbac.yaml: service account, Role and RoleBinding.
//
//go:embed rbac.yaml
var Role []byte
