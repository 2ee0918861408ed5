package kernels

// Softmax turns the logits z of a block of eight images, [classes][8], into
// probabilities p:
//
//	p[c] = exp(z[c]-m) / sum over k of exp(z[k]-m), m = max over k of z[k]
//
// Subtracting the maximum keeps exp from overflowing. z and p have classes*8
// elements, classes >= 1; they may be the same slice.
func Softmax(p, z []float32, classes int) {
	if classes < 1 || len(z) != classes*Lanes || len(p) != len(z) {
		panic(badLength)
	}
	checkInPlace(p, z)
	raceRead(z)
	raceWrite(p)
	if useAVX2 {
		softmaxAVX2(p, z)
		return
	}
	softmaxGeneric(p, z, classes)
}

// CrossEntropy replaces the probabilities p of the first n images of a block,
// [classes][8], by the gradient of their cross-entropy with respect to the
// logits (the derivative of the composition of both, so that no division by a
// vanishing probability occurs),
//
//	p[c] = p[c] - 1 where c is the image's label, p[c] elsewhere
//
// and +0 for absent images, and writes their losses:
//
//	losses[i] = -log(p[label] + eps)
//
// which is infinite for eps = 0 where p has vanished; [SoftmaxCrossEntropy] computes
// both from the logits.
//
// labels and losses have n elements, 1 <= n <= 8, each label 0 <= l < classes;
// losses must not overlap p.
func CrossEntropy(p []float32, labels []int, losses []float32, eps float32, classes int) {
	n := len(labels)
	if classes < 1 || len(p) != classes*Lanes || len(losses) != n {
		panic(badLength)
	}
	if n < 1 || n > Lanes {
		panic(badLanes)
	}
	if overlap(p, losses) {
		panic(badOverlap)
	}
	for i, label := range labels {
		if label < 0 || label >= classes {
			panic(badLabel)
		}
		at := &p[label*Lanes+i]
		losses[i] = *at
		*at--
	}
	negLog(losses, eps)
	for i := n; i < Lanes; i++ {
		for c := range classes {
			p[c*Lanes+i] = 0
		}
	}
}

// negLog is x[i] = -log(x[i] + eps), for at most eight elements.
func negLog(x []float32, eps float32) {
	if useAVX2 {
		var v [Lanes]float32
		copy(v[:], x)
		negLogAVX2(v[:], v[:], eps)
		copy(x, v[:])
		return
	}
	negLogGeneric(x, x, eps)
}
