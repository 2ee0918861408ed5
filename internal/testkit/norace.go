//go:build !race

package testkit

// Race reports whether the race detector is on. It is slow, it allocates, and
// sync.Pool drops items then.
const Race = false
