// Package testkit holds what the tests of several packages need. The tests of
// package kernels, which it is built on, do without.
package testkit
