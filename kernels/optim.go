package kernels

// The functions of this file update weights w, element by element, from
// gradients g and what the optimiser remembers of earlier ones, its moments.
// All slices of a call have one length and do not overlap. Moments that become
// subnormal are replaced by +0.

// AdamStep holds the scalars of one Adam update.
type AdamStep struct {
	Scale         float32 // multiplies every gradient: 1/batch turns a sum over the batch into a mean
	Beta1         float32 // decay of the first moment
	OneMinusBeta1 float32
	Beta2         float32 // decay of the second moment
	OneMinusBeta2 float32
	Rate          float32 // learning rate, bias correction included
	Epsilon       float32 // added to the root of the second moment
	Decay         float32 // the share that a weight loses of itself: learning rate times weight decay
}

// Adam updates the weights w and their moments m and v from the gradients g
// (Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015,
// algorithm 1 in the order of computation of the end of its section 2, with
// the corrections of both moments in Rate and Epsilon; Decay is that of
// Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019,
// algorithm 2):
//
//	d    = Scale*g[i]
//	m[i] = Beta1*m[i] + OneMinusBeta1*d
//	v[i] = Beta2*v[i] + OneMinusBeta2*d*d
//	w[i] = (1-Decay)*w[i] - Rate * (m[i] / (sqrt(v[i]) + Epsilon))
func Adam(w, m, v, g []float32, s *AdamStep) {
	checkUpdate(g, w, m, v)
	for n := inCall(w); n > 0; n = inCall(w) {
		adamAVX2(w[:n], m, v, g, &s.Scale)
		w, m, v, g = w[n:], m[n:], v[n:], g[n:]
	}
	adamGeneric(w, m, v, g, s)
}

// SGD updates the weights by plain gradient descent: w[i] = w[i] - rate*g[i].
func SGD(w, g []float32, rate float32) {
	checkUpdate(g, w)
	for n := inCall(w); n > 0; n = inCall(w) {
		sgdAVX2(w[:n], g, rate)
		w, g = w[n:], g[n:]
	}
	sgdGeneric(w, g, rate)
}

// SGDStep holds the scalars of one step of gradient descent.
type SGDStep struct {
	Scale    float32 // multiplies every gradient
	Decay    float32 // of the weights: the factor of w*w/2 in what is minimised
	Momentum float32 // the share of the last direction that is kept
	Rate     float32 // learning rate
}

// DecayedSGD updates the weights by gradient descent with weight decay:
//
//	w[i] = w[i] - Rate * (Scale*g[i] + Decay*w[i])
func DecayedSGD(w, g []float32, s *SGDStep) {
	checkUpdate(g, w)
	for n := inCall(w); n > 0; n = inCall(w) {
		decayedSGDAVX2(w[:n], g, &s.Scale)
		w, g = w[n:], g[n:]
	}
	decayedSGDGeneric(w, g, s)
}

// Momentum updates the weights w and their directions m by gradient descent with
// momentum (Polyak, "Some methods of speeding up the convergence of iteration
// methods", 1964, in the form of PyTorch, where Rate does not enter m):
//
//	m[i] = Momentum*m[i] + (Scale*g[i] + Decay*w[i])
//	w[i] = w[i] - Rate*m[i]
func Momentum(w, m, g []float32, s *SGDStep) {
	checkUpdate(g, w, m)
	for n := inCall(w); n > 0; n = inCall(w) {
		momentumAVX2(w[:n], m, g, &s.Scale)
		w, m, g = w[n:], m[n:], g[n:]
	}
	momentumGeneric(w, m, g, s)
}

// Nesterov is [Momentum] that looks one step ahead (Sutskever et al., "On the
// importance of initialization and momentum in deep learning", 2013, in the
// form of PyTorch):
//
//	d    = Scale*g[i] + Decay*w[i]
//	m[i] = Momentum*m[i] + d
//	w[i] = w[i] - Rate * (d + Momentum*m[i])
func Nesterov(w, m, g []float32, s *SGDStep) {
	checkUpdate(g, w, m)
	for n := inCall(w); n > 0; n = inCall(w) {
		nesterovAVX2(w[:n], m, g, &s.Scale)
		w, m, g = w[n:], m[n:], g[n:]
	}
	nesterovGeneric(w, m, g, s)
}

// RMSPropStep holds the scalars of one RMSProp update.
type RMSPropStep struct {
	Scale         float32 // multiplies every gradient
	Decay         float32 // of the weights, as in SGDStep
	Alpha         float32 // decay of the mean of squares
	OneMinusAlpha float32
	Epsilon       float32 // added to the root of the mean of squares
	Momentum      float32 // the share of the last direction that is kept
	Rate          float32 // learning rate
}

// RMSProp updates the weights w and the means v of their gradients' squares
// (Hinton, "Neural Networks for Machine Learning", 2012, lecture 6e, in the form
// of PyTorch):
//
//	d    = Scale*g[i] + Decay*w[i]
//	v[i] = Alpha*v[i] + OneMinusAlpha*d*d
//	w[i] = w[i] - Rate * (d / (sqrt(v[i]) + Epsilon))
func RMSProp(w, v, g []float32, s *RMSPropStep) {
	checkUpdate(g, w, v)
	for n := inCall(w); n > 0; n = inCall(w) {
		rmsPropAVX2(w[:n], v, g, &s.Scale)
		w, v, g = w[n:], v[n:], g[n:]
	}
	rmsPropGeneric(w, v, g, s)
}

// RMSPropMomentum is [RMSProp] with directions m:
//
//	m[i] = Momentum*m[i] + d/(sqrt(v[i]) + Epsilon)
//	w[i] = w[i] - Rate*m[i]
func RMSPropMomentum(w, v, m, g []float32, s *RMSPropStep) {
	checkUpdate(g, w, v, m)
	for n := inCall(w); n > 0; n = inCall(w) {
		rmsPropMomentumAVX2(w[:n], v, m, g, &s.Scale)
		w, v, m, g = w[n:], v[n:], m[n:], g[n:]
	}
	rmsPropMomentumGeneric(w, v, m, g, s)
}

// checkUpdate panics unless the slices have one length and do not overlap: g is
// read, the others change.
func checkUpdate(g []float32, changed ...[]float32) {
	for i, s := range changed {
		if len(s) != len(g) {
			panic(badLength)
		}
		if overlap(s, g) {
			panic(badOverlap)
		}
		for _, other := range changed[:i] {
			if overlap(s, other) {
				panic(badOverlap)
			}
		}
		raceWrite(s)
	}
	raceRead(g)
}
