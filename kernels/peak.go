package kernels

// PeakFLOPs is the number of floating-point operations that one round of
// [Peak] executes.
const PeakFLOPs = 12 * Lanes * 2

// Peak executes rounds times 12 independent fused multiply-adds of eight lanes
// and nothing else, which is as fast as the FMA units go, and reports true; or
// it does nothing and reports false, where there is no assembly in use.
func Peak(rounds int) bool {
	if !useAVX2 || rounds < 1 {
		return false
	}
	fmaPeakAVX2(rounds)
	return true
}
