package main

import (
	"runtime"
	"time"

	"github.com/klauspost/cpuid/v2"

	"github.com/simdlanes/lanes/kernels"
)

// machine is part 1.
func (b *bench) machine(r *Report) error {
	reason := kernels.Reason()
	if b.forced {
		reason = "forced by -kernels"
	}
	cpu := cpuid.CPU.BrandName
	if cpu == "" {
		cpu = "unknown " + runtime.GOARCH
	}
	r.Machine = Machine{
		CPU:        cpu,
		OS:         runtime.GOOS,
		Arch:       runtime.GOARCH,
		GoVersion:  runtime.Version(),
		Cores:      runtime.GOMAXPROCS(0),
		Workers:    b.workers,
		Kernels:    kernels.Active().String(),
		Reason:     reason,
		PeakGFLOPS: measurePeak(200 * time.Millisecond),
	}
	return nil
}

// raisePeak measures the peak once more, next to what is compared with it, and
// keeps the best of all.
func (b *bench) raisePeak() {
	b.result.Machine.PeakGFLOPS = max(b.result.Machine.PeakGFLOPS, measurePeak(50*time.Millisecond))
}
