package kernels

import "iter"

// The losses of this file work on the outputs of a block of eight images,
// [outputs][8], of which the first len(labels) are present. They write the
// gradient of each image's loss with respect to its outputs, and +0 for absent
// images, to grad, which may be the same slice as the outputs, and the losses,
// one for each present image, to losses, which must not overlap either. A loss
// is one chain over the image's outputs.

// SoftmaxCrossEntropy is the cross-entropy between a target t and the softmax p
// of the logits z, computed from the logits so that nothing vanishes or
// overflows (m is the largest z):
//
//	loss = -sum of t[c]*log(p[c]) = log(sum of exp(z[c]-m)) - sum of t[c]*(z[c]-m)
//	grad[c] = p[c] - t[c]
//
// The target is 1-smoothing+smoothing/classes for the image's label, 0 <= label <
// classes, and smoothing/classes for every other class (Szegedy et al.,
// "Rethinking the Inception Architecture", 2016, section 7); 0 <= smoothing < 1. A
// target of 0 adds nothing to the loss, whatever its logit. p has the bits of
// [Softmax].
func SoftmaxCrossEntropy(grad, z []float32, labels []int, losses []float32, smoothing float32, classes int) {
	checkLoss(grad, z, labels, losses, classes, classes)
	checkSmoothing(smoothing)
	off := smoothing / float32(classes)
	on := 1 - smoothing + off
	if useAVX2 {
		softmaxCrossEntropyAVX2(grad, z, labels, losses, on, off, classes)
		return
	}
	softmaxCrossEntropyGeneric(grad, z, labels, losses, on, off, classes)
}

// SigmoidCrossEntropy is the sum over the outputs of the cross-entropy between a
// target t and the sigmoid of the logit z, computed so that nothing vanishes or
// overflows:
//
//	loss = sum of max(z[c],0) - t[c]*z[c] + log(1+exp(-|z[c]|))
//	grad[c] = sigmoid(z[c]) - t[c]
//
// The target is 1-smoothing/2 for the output of the image's label and smoothing/2
// for the others, 0 <= smoothing < 1. A single output tells two classes apart: its
// labels are 0 and 1, and it is the output of label 1. Several are one for each
// class.
func SigmoidCrossEntropy(grad, z []float32, labels []int, losses []float32, smoothing float32, outputs int) {
	checkLoss(grad, z, labels, losses, outputs, max(outputs, 2))
	checkSmoothing(smoothing)
	off := smoothing / 2
	on := 1 - off
	if useAVX2 {
		var sum [Lanes]float32
		ids := presentLabels(labels)
		for lo, hi := range callsOf(outputs) {
			sigmoidCrossEntropyAVX2(grad[lo:hi], z[lo:hi], &ids[0], classOf(lo/Lanes, outputs), &sum[0], on, off)
		}
		copy(losses, sum[:])
		return
	}
	sigmoidCrossEntropyGeneric(grad, z, labels, losses, on, off, outputs)
}

// SquaredError is half the squared distance of the outputs y from a target t
// that is 1 for the output of the image's label and 0 for the others:
//
//	loss = sum of (y[c]-t[c])*(y[c]-t[c]) / 2
//	grad[c] = y[c] - t[c]
//
// A single output tells two classes apart: its labels are 0 and 1, and it is the
// output of label 1. Several are one for each class.
func SquaredError(grad, y []float32, labels []int, losses []float32, outputs int) {
	checkLoss(grad, y, labels, losses, outputs, max(outputs, 2))
	if useAVX2 {
		var sum [Lanes]float32
		ids := presentLabels(labels)
		for lo, hi := range callsOf(outputs) {
			squaredErrorAVX2(grad[lo:hi], y[lo:hi], &ids[0], classOf(lo/Lanes, outputs), &sum[0])
		}
		for i := range losses {
			losses[i] = sum[i] / 2
		}
		return
	}
	squaredErrorGeneric(grad, y, labels, losses, outputs)
}

// classOf is the class of an output: a single one is that of class 1.
func classOf(output, outputs int) int32 {
	if outputs == 1 {
		return 1
	}
	return int32(output)
}

// presentLabels are the labels of the images of a block as the assembly takes
// them: -1 for absent images.
func presentLabels(labels []int) (ids [Lanes]int32) {
	for i := range ids {
		ids[i] = -1
	}
	for i, l := range labels {
		ids[i] = int32(l)
	}
	return ids
}

// callsOf yields where, in a block, those outputs begin and end that one call of
// the assembly takes.
func callsOf(outputs int) iter.Seq2[int, int] {
	return func(yield func(lo, hi int) bool) {
		for lo := 0; lo < outputs*Lanes; lo += maxCallElements {
			if !yield(lo, min(lo+maxCallElements, outputs*Lanes)) {
				return
			}
		}
	}
}

func checkLoss(grad, y []float32, labels []int, losses []float32, outputs, classes int) {
	if outputs < 1 || len(y) != outputs*Lanes || len(grad) != len(y) || len(losses) != len(labels) {
		panic(badLength)
	}
	if len(labels) < 1 || len(labels) > Lanes {
		panic(badLanes)
	}
	for _, label := range labels {
		if label < 0 || label >= classes {
			panic(badLabel)
		}
	}
	checkInPlace(grad, y)
	if overlap(losses, grad) || overlap(losses, y) {
		panic(badOverlap)
	}
	raceRead(y)
	raceWrite(grad)
	raceWrite(losses)
}

func checkSmoothing(smoothing float32) {
	if !(smoothing >= 0 && smoothing < 1) {
		panic(badSmoothing)
	}
}

// softmaxState is what the passes of the softmax know of eight images, in the
// order that the assembly has it.
type softmaxState struct {
	max, sum [Lanes]float32
	label    [Lanes]float32 // distance of the label's logit from max
	others   [Lanes]float32 // sum of those of the other classes
}

func softmaxCrossEntropyAVX2(grad, z []float32, labels []int, losses []float32, on, off float32, classes int) {
	var s softmaxState
	ids := presentLabels(labels)
	copy(s.max[:], z)
	for lo, hi := range callsOf(classes) {
		largestAVX2(&s.max[0], z[lo:hi])
	}
	for lo, hi := range callsOf(classes) {
		exponentialsAVX2(grad[lo:hi], z[lo:hi], &ids[0], int32(lo/Lanes), &s.max[0])
	}
	for lo, hi := range callsOf(classes) {
		sharesAVX2(grad[lo:hi], &ids[0], int32(lo/Lanes), &s.max[0], on, off)
	}
	negLog(s.sum[:], 0)
	for i := range losses {
		losses[i] = softmaxLoss(-s.sum[i], s.label[i], s.others[i], on, off)
	}
}

// softmaxLoss is the loss of an image whose exponentials have a sum of the given
// logarithm, and whose logits lie label and others below the maximum.
func softmaxLoss(log, label, others, on, off float32) float32 {
	loss := fma32(-on, label, log)
	if off == 0 {
		return loss // others may be infinite
	}
	return fma32(-off, others, loss)
}
