package testkit

import "runtime"

// Allocated is the number of bytes that a call allocates, also of those that are
// free again.
func Allocated(call func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	call()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
