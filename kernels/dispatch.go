package kernels

import (
	"fmt"
	"os"
)

// Impl is an implementation of the kernels.
type Impl int

// The implementations. All of them compute the same bits.
const (
	Generic Impl = iota // portable Go, on every machine
	AVX2                // AVX2 and FMA3 assembly, on amd64
)

// String returns the name that the environment variable LANES_KERNELS takes.
func (i Impl) String() string {
	switch i {
	case Generic:
		return "generic"
	case AVX2:
		return "avx2"
	}
	return fmt.Sprintf("Impl(%d)", int(i))
}

// EnvVar names the environment variable that forces an implementation:
// "generic" or "avx2". Any other value, and "avx2" on a machine that cannot
// run it, leaves the choice to the CPU; [Reason] says so.
const EnvVar = "LANES_KERNELS"

// reason explains the implementation chosen at start-up.
var reason = choose(os.Getenv(EnvVar))

// choose sets useAVX2 from the CPU and the environment's wish, and says why.
func choose(wish string) string {
	switch {
	case wish == Generic.String():
		setAVX2(false)
		return "forced by " + EnvVar
	case wish == "" || wish == AVX2.String() && hasAVX2:
		setAVX2(hasAVX2)
		return cpuReason
	}
	setAVX2(hasAVX2)
	return fmt.Sprintf("%s=%q is not available here; %s", EnvVar, wish, cpuReason)
}

// Active returns the implementation in use.
func Active() Impl {
	if useAVX2 {
		return AVX2
	}
	return Generic
}

// Reason says in a few words why the implementation chosen when the program
// started was chosen. It does not follow [Use].
func Reason() string { return reason }

// Impls lists the implementations that this machine and build can run, the
// portable one first.
func Impls() []Impl {
	if hasAVX2 {
		return []Impl{Generic, AVX2}
	}
	return []Impl{Generic}
}

// Use switches to an implementation and returns a function that switches back,
// for tests and comparisons:
//
//	defer kernels.Use(kernels.Generic)()
//
// It panics if the machine or the build cannot run impl (see [Impls]). It must
// not be called while another goroutine uses this package.
func Use(impl Impl) (undo func()) {
	if impl != Generic && !(impl == AVX2 && hasAVX2) {
		panic("kernels: implementation not available: " + impl.String())
	}
	before := Active()
	setAVX2(impl == AVX2)
	return func() { setAVX2(before == AVX2) }
}
