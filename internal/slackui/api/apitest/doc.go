// Package apitest connects a client to the workspace of package slackuitest.
package apitest
