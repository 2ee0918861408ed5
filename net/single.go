package net

import (
	"slices"

	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// planSingles finds out whether images can be predicted one by one, and how many
// should be rather than as a block.
func (n *Network) planSingles() {
	for _, op := range n.ops {
		s, ok := op.(layer.Single)
		if !ok {
			n.singles = nil
			return
		}
		n.singles = append(n.singles, s)
		n.scratch = max(n.scratch, s.ScratchOne())
	}
	blockwise := func(op layer.Op) bool {
		b, ok := op.(layer.Blockwise)
		return ok && b.Blockwise()
	}
	// Those that do not fill a block: seven of LeNet-5 take 60 microseconds one
	// after another and 64 as a block, eight 68 and 64.
	n.maxSingles = kernels.Lanes - 1
	if slices.ContainsFunc(n.ops, blockwise) {
		n.maxSingles = 1 // a layer takes as long for one as for a block
	}
}

// outputs runs all layers on the images in rows, at most eight, and returns
// their outputs, row by row if they are vectors.
func (n *Network) outputs(f *frame, rows []float32, images int) []float32 {
	last := len(n.ops)
	if images > n.maxSingles {
		f.load(rows, n.Input(), images)
		n.forward(n.ops, f, 0, last, images)
		return f.tensor(f.act, last, n.Output(), images)
	}
	in, out := n.Input().Len(), n.Output().Len()
	for i := range images {
		n.forwardOne(f, f.act[last][i*out:][:out], rows[i*in:][:in])
	}
	return f.act[last][:images*out]
}

// forwardOne runs all layers on the image x. The tensors in between lie where
// those of a block would.
func (n *Network) forwardOne(f *frame, y, x []float32) {
	last := len(n.singles) - 1
	for i, op := range n.singles[:last] {
		out := f.act[i+1][:n.shapes[i+1].Len()]
		op.ForwardOne(out, x, f.scratch[:op.ScratchOne()])
		x = out
	}
	n.singles[last].ForwardOne(y, x, f.scratch[:n.singles[last].ScratchOne()])
}
