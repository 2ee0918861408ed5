package kernels

// FirstNotFinite returns the index of the first element of x that is infinite or
// NaN, -1 if there is none. It takes about as long as to read x.
func FirstNotFinite(x []float32) int {
	raceRead(x)
	done := 0
	for n := inCall(x[done:]); n > 0; n = inCall(x[done:]) {
		if notFiniteAVX2(x[done:done+n]) != 0 {
			break // the portable twin finds it
		}
		done += n
	}
	if i := firstNotFiniteGeneric(x[done:]); i >= 0 {
		return done + i
	}
	return -1
}
