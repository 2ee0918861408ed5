package kernels

import "testing"

// TestNoAllocation calls every operation under every implementation. The race
// detector's instrumentation may allocate.
func TestNoAllocation(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector is on")
	}
	for _, impl := range Impls() {
		t.Run(impl.String(), func(t *testing.T) {
			defer Use(impl)()
			e := effort{sweepStep: 17, settings: 1, work: 500, shapes: 3}
			if impl == AVX2 {
				e.also = 99 // shapes that are cut, copied or packed
			}
			eachOperation(t, all, func(t *testing.T, o *operation) {
				for s := range settings(o, e) {
					tr := start(o, s.dims, randomValues{newRandom(s.seed), s.draw}, aligned())
					if n := testing.AllocsPerRun(5, tr.call); n != 0 {
						t.Fatalf("%v: %v: %v allocations in a call", s, impl, n)
					}
				}
			})
		})
	}
}
