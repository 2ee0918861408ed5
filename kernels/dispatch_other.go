//go:build !amd64 || purego || noasm

package kernels

// Constants let the compiler drop every branch that leads to assembly.
const (
	hasAVX2   = false
	useAVX2   = false
	cpuReason = "this build has no assembly"
)

func setAVX2(bool) {}
