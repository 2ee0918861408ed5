//go:build !unix

package kernels

import "testing"

// guarded returns plain memory where pages cannot be protected portably.
func guarded(t testing.TB, n int) []float32 { return make([]float32, n) }
