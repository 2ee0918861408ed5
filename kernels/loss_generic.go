package kernels

// softmaxGeneric turns the logits z of eight images, [classes][8], into
// probabilities:
//
//	m := z[0]; for c { if z[c] > m { m = z[c] } }
//	for c { p[c] = exp(z[c]-m); sum = sum + p[c] }
//	for c { p[c] = p[c] / sum }
func softmaxGeneric(p, z []float32, classes int) {
	for l := range Lanes {
		m := z[l]
		for c := 1; c < classes; c++ {
			if v := z[c*Lanes+l]; v > m {
				m = v
			}
		}
		var sum float32
		for c := range classes {
			e := exp32(z[c*Lanes+l] - m)
			p[c*Lanes+l] = e
			sum += e
		}
		for c := range classes {
			p[c*Lanes+l] /= sum
		}
	}
}

// negLogGeneric is: for i { y[i] = -log(x[i] + eps) }.
func negLogGeneric(y, x []float32, eps float32) {
	for i, v := range x {
		y[i] = -log32(v + eps)
	}
}

// softmaxCrossEntropyGeneric computes, for each of the first len(labels) lanes,
// with a target t of on for the label and off for every other class,
//
//	m := z[0]; for c { if z[c] > m { m = z[c] } }
//	for c { p[c] = exp(z[c]-m); sum = sum + p[c] }
//	others := +0; for c but the label { others = others + (z[c]-m) }
//	for c { grad[c] = p[c]/sum - t[c] }
//	loss = fma(-off, others, fma(-on, z[label]-m, log(sum))) // but for off = 0 without the outer fma
//
// and for the other lanes grad[c] = +0.
func softmaxCrossEntropyGeneric(grad, z []float32, labels []int, losses []float32, on, off float32, classes int) {
	for l, label := range labels {
		m := z[l]
		for c := 1; c < classes; c++ {
			if v := z[c*Lanes+l]; v > m {
				m = v
			}
		}
		var sum, labelled, others float32
		for c := range classes {
			d := z[c*Lanes+l] - m
			if c == label {
				labelled = d
			} else {
				others += d
			}
			e := exp32(d)
			grad[c*Lanes+l] = e
			sum += e
		}
		for c := range classes {
			grad[c*Lanes+l] = grad[c*Lanes+l]/sum - target(c, label, on, off)
		}
		losses[l] = softmaxLoss(log32(sum), labelled, others, on, off)
	}
	clearAbsent(grad, len(labels), classes)
}

// target is what output c of an image should be.
func target(c, label int, on, off float32) float32 {
	if c == label {
		return on
	}
	return off
}

// clearAbsent sets the outputs of the images of a block from n on to +0.
func clearAbsent(grad []float32, n, outputs int) {
	for c := range outputs {
		clear(lane8(grad, c)[n:])
	}
}

// sigmoidCrossEntropyGeneric computes, for each of the first len(labels) lanes,
// with a target t of on for the output of the label and off for every other,
//
//	loss := +0
//	for c {
//		e := exp(-|z[c]|)
//		grad[c] = sigmoid(z[c]) - t[c]
//		loss = loss + (fma(-t[c], z[c], max(z[c], 0)) + log1p(e))
//	}
//
// and for the other lanes grad[c] = +0. With u = 1+e, rounded, and its rest
// e-(u-1), which is exact, log1p(e) is log(u) + rest/u.
func sigmoidCrossEntropyGeneric(grad, z []float32, labels []int, losses []float32, on, off float32, outputs int) {
	for l, label := range labels {
		var loss float32
		for c := range outputs {
			x := z[c*Lanes+l]
			e := exp32(-abs32(x))
			u := 1 + e
			logU := log32(u) + (e-(u-1))/u
			p, positive := 1/u, x
			if 0 > x {
				p, positive = e/u, 0
			}
			t := target(int(classOf(c, outputs)), label, on, off)
			grad[c*Lanes+l] = p - t
			loss += fma32(-t, x, positive) + logU
		}
		losses[l] = loss
	}
	clearAbsent(grad, len(labels), outputs)
}

// squaredErrorGeneric computes, for each of the first len(labels) lanes, with a
// target t of 1 for the output of the label and 0 for every other,
//
//	loss := +0
//	for c { grad[c] = y[c] - t[c]; loss = fma(grad[c], grad[c], loss) }
//	loss = loss / 2
//
// and for the other lanes grad[c] = +0.
func squaredErrorGeneric(grad, y []float32, labels []int, losses []float32, outputs int) {
	for l, label := range labels {
		var loss float32
		for c := range outputs {
			d := y[c*Lanes+l] - target(int(classOf(c, outputs)), label, 1, 0)
			grad[c*Lanes+l] = d
			loss = fma32(d, d, loss)
		}
		losses[l] = loss / 2
	}
	clearAbsent(grad, len(labels), outputs)
}
