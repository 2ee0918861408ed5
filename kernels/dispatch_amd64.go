//go:build amd64 && !purego && !noasm

package kernels

import "github.com/klauspost/cpuid/v2"

// hasAVX2 asks for AVX2 and FMA3 together: cpuid reports FMA3 from the
// processor alone, and AVX2 only when the operating system saves the YMM state.
var hasAVX2 = cpuid.CPU.Supports(cpuid.AVX2, cpuid.FMA3)

// useAVX2 is read by every entry point. A bool and a plain if keep arguments
// off the heap, where a function variable would move them.
var useAVX2 bool

var cpuReason = explainCPU()

func explainCPU() string {
	if hasAVX2 {
		return "the CPU has AVX2 and FMA3"
	}
	return "the CPU lacks AVX2 or FMA3"
}

func setAVX2(on bool) { useAVX2 = on }
