package kernels

// adamGeneric is, with every operation rounded but the fused ones:
//
//	for i {
//		d := scale * g[i]
//		m[i] = flush(fma(1-beta1, d, beta1*m[i]))
//		v[i] = flush(fma((1-beta2)*d, d, beta2*v[i]))
//		w[i] = fma(-rate, m[i] / (sqrt(v[i]) + eps), (1-decay)*w[i])
//	}
//
// where flush replaces subnormal numbers by +0: the moments of a weight whose
// gradient has vanished decay until they are subnormal, and the processor takes
// a hundred times as long for such numbers.
func adamGeneric(w, m, v, g []float32, s *AdamStep) {
	keep := 1 - s.Decay
	for i := range w {
		d := s.Scale * g[i]
		mi := flush(fma32(s.OneMinusBeta1, d, float32(s.Beta1*m[i])))
		vi := flush(fma32(float32(s.OneMinusBeta2*d), d, float32(s.Beta2*v[i])))
		m[i], v[i] = mi, vi
		w[i] = fma32(-s.Rate, mi/float32(sqrt32(vi)+s.Epsilon), float32(keep*w[i]))
	}
}

// flush returns +0 in place of a subnormal number.
func flush(x float32) float32 {
	if 0x1p-126 > abs32(x) {
		return 0
	}
	return x
}

// sgdGeneric is: for i { w[i] = fma(-rate, g[i], w[i]) }.
func sgdGeneric(w, g []float32, rate float32) {
	for i, d := range g {
		w[i] = fma32(-rate, d, w[i])
	}
}

// decayedSGDGeneric is: for i { w[i] = fma(-rate, fma(decay, w[i], scale*g[i]), w[i]) }.
func decayedSGDGeneric(w, g []float32, s *SGDStep) {
	for i, v := range g {
		w[i] = fma32(-s.Rate, fma32(s.Decay, w[i], float32(s.Scale*v)), w[i])
	}
}

// momentumGeneric is:
//
//	for i {
//		m[i] = flush(fma(momentum, m[i], fma(decay, w[i], scale*g[i])))
//		w[i] = fma(-rate, m[i], w[i])
//	}
func momentumGeneric(w, m, g []float32, s *SGDStep) {
	for i, v := range g {
		mi := flush(fma32(s.Momentum, m[i], fma32(s.Decay, w[i], float32(s.Scale*v))))
		m[i] = mi
		w[i] = fma32(-s.Rate, mi, w[i])
	}
}

// nesterovGeneric is:
//
//	for i {
//		d := fma(decay, w[i], scale*g[i])
//		m[i] = flush(fma(momentum, m[i], d))
//		w[i] = fma(-rate, fma(momentum, m[i], d), w[i])
//	}
func nesterovGeneric(w, m, g []float32, s *SGDStep) {
	for i, v := range g {
		d := fma32(s.Decay, w[i], float32(s.Scale*v))
		mi := flush(fma32(s.Momentum, m[i], d))
		m[i] = mi
		w[i] = fma32(-s.Rate, fma32(s.Momentum, mi, d), w[i])
	}
}

// rmsPropGeneric is:
//
//	for i {
//		d := fma(decay, w[i], scale*g[i])
//		v[i] = flush(fma((1-alpha)*d, d, alpha*v[i]))
//		w[i] = fma(-rate, d / (sqrt(v[i]) + eps), w[i])
//	}
func rmsPropGeneric(w, v, g []float32, s *RMSPropStep) {
	for i := range w {
		w[i] = fma32(-s.Rate, s.direction(&v[i], w[i], g[i]), w[i])
	}
}

// rmsPropMomentumGeneric is rmsPropGeneric, but for
//
//	m[i] = flush(fma(momentum, m[i], d / (sqrt(v[i]) + eps)))
//	w[i] = fma(-rate, m[i], w[i])
func rmsPropMomentumGeneric(w, v, m, g []float32, s *RMSPropStep) {
	for i := range w {
		mi := flush(fma32(s.Momentum, m[i], s.direction(&v[i], w[i], g[i])))
		m[i] = mi
		w[i] = fma32(-s.Rate, mi, w[i])
	}
}

// direction updates the mean v of squares and returns the gradient in
// proportion to its root.
func (s *RMSPropStep) direction(v *float32, w, g float32) float32 {
	d := fma32(s.Decay, w, float32(s.Scale*g))
	mean := flush(fma32(float32(s.OneMinusAlpha*d), d, float32(s.Alpha**v)))
	*v = mean
	return d / float32(sqrt32(mean)+s.Epsilon)
}

// clipGeneric is, with comparisons that NaN passes:
//
//	for i {
//		c := scale * x[i]
//		if -limit > c { c = -limit }
//		if limit < c { c = limit }
//		y[i] = c
//	}
func clipGeneric(y, x []float32, scale, limit float32) {
	for i, v := range x {
		c := scale * v
		if -limit > c {
			c = -limit
		}
		if limit < c {
			c = limit
		}
		y[i] = c
	}
}

// sumSquaresGeneric is: for i { c[i%8] = c[i%8] + x[i]*x[i] }, in float64, where
// the product is exact.
func sumSquaresGeneric(c *[Lanes]float64, x []float32) {
	for i, v := range x {
		c[i%Lanes] += float64(float64(v) * float64(v))
	}
}
