package kernels

// AdamStep holds the scalars of one Adam update.
type AdamStep struct {
	Scale         float32 // multiplies every gradient: 1/batch turns a sum over the batch into a mean
	Beta1         float32 // decay of the first moment
	OneMinusBeta1 float32
	Beta2         float32 // decay of the second moment
	OneMinusBeta2 float32
	Rate          float32 // learning rate, bias correction included
	Epsilon       float32 // added to the root of the second moment
}

// Adam updates the weights w and their moments m and v from the gradients g
// (Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015,
// algorithm 1 in the order of computation of the end of its section 2, with
// the corrections of both moments in Rate and Epsilon):
//
//	d    = Scale*g[i]
//	m[i] = Beta1*m[i] + OneMinusBeta1*d
//	v[i] = Beta2*v[i] + OneMinusBeta2*d*d
//	w[i] = w[i] - Rate * (m[i] / (sqrt(v[i]) + Epsilon))
//
// Subnormal moments become +0. The four slices have one length and do not
// overlap.
func Adam(w, m, v, g []float32, s *AdamStep) {
	if len(m) != len(w) || len(v) != len(w) || len(g) != len(w) {
		panic(badLength)
	}
	if overlap(w, m) || overlap(w, v) || overlap(w, g) || overlap(m, v) || overlap(m, g) || overlap(v, g) {
		panic(badOverlap)
	}
	raceRead(g)
	raceWrite(w)
	raceWrite(m)
	raceWrite(v)
	for n := inCall(w); n > 0; n = inCall(w) {
		adamAVX2(w[:n], m, v, g, &s.Scale)
		w, m, v, g = w[n:], m[n:], v[n:], g[n:]
	}
	adamGeneric(w, m, v, g, s)
}

// SGD updates the weights by plain gradient descent: w[i] = w[i] - rate*g[i].
// The slices have one length and do not overlap.
func SGD(w, g []float32, rate float32) {
	if len(g) != len(w) {
		panic(badLength)
	}
	if overlap(w, g) {
		panic(badOverlap)
	}
	raceRead(g)
	raceWrite(w)
	for n := inCall(w); n > 0; n = inCall(w) {
		sgdAVX2(w[:n], g, rate)
		w, g = w[n:], g[n:]
	}
	sgdGeneric(w, g, rate)
}
