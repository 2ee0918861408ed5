package net

import (
	"fmt"
	"strconv"

	"github.com/simdlanes/lanes/internal/texttable"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// Summary says what a network consists of and what it takes. FLOPs are
// floating-point operations for one image: two for each product of a weight that
// is added up, none for biases, activations and comparisons. Bytes count float32
// numbers, not what a layer derives from its parameters.
type Summary struct {
	Input  layer.Shape
	Layers []LayerSummary

	// Sums over the layers. Layers that do not count their arithmetic
	// (layer.Counted) are left out.
	Params       int   // weights and biases
	ForwardFLOPs int64 // of a prediction
	StepFLOPs    int64 // of a training step

	ParamBytes    int64 // of the parameters
	BlockBytes    int64 // of the activations of eight images, which a prediction keeps for each worker
	TrainingBytes int64 // of a trainer with one worker and Adam: parameters, gradients, moments, a block's activations and gradients
}

// LayerSummary says what a layer is and takes.
type LayerSummary struct {
	Index  int    // counted from 0
	Name   string // the layer and its options
	Output layer.Shape
	Params int // weights and biases

	Counted      bool  // whether the FLOPs are known
	ForwardFLOPs int64 // of a prediction
	StepFLOPs    int64 // of a training step: forward and the gradients that are computed
}

// Summary sums up the network.
func (n *Network) Summary() Summary {
	s := Summary{Input: n.Input()}
	for i, op := range n.ops {
		l := LayerSummary{Index: i, Name: op.String(), Output: op.Out()}
		if t, ok := op.(layer.Trained); ok {
			l.Params = t.Params().Len()
			s.Params += l.Params
		}
		if c, ok := op.(layer.Counted); ok {
			l.Counted = true
			l.ForwardFLOPs = 2 * c.MultiplyAdds()
			l.StepFLOPs = l.ForwardFLOPs * passes(i, n.firstTrained(), l.Params)
		}
		s.ForwardFLOPs += l.ForwardFLOPs
		s.StepFLOPs += l.StepFLOPs
		s.Layers = append(s.Layers, l)
	}
	s.measure(n.shapes)
	return s
}

// passes is how often a training step runs through layer i: forward, for the
// gradient of its parameters if it has any, and for that of its input if a layer
// before it needs it.
func passes(i, first, params int) int64 {
	n := int64(1)
	if params > 0 {
		n++
	}
	if i > first {
		n++
	}
	return n
}

// measure adds the memory that a network takes.
func (s *Summary) measure(shapes []layer.Shape) {
	const float = 4
	for _, shape := range shapes {
		s.BlockBytes += float * kernels.Lanes * int64(shape.Len())
	}
	s.ParamBytes = float * int64(s.Params)
	const vectors = 4 // parameters, gradients, and Adam's two moments
	s.TrainingBytes = vectors*s.ParamBytes + 2*s.BlockBytes - float*kernels.Lanes*int64(shapes[0].Len())
}

// String is the table of [Network.Summary].
func (n *Network) String() string { return n.Summary().String() }

// String returns a table with a line for each layer, and the memory below it. A
// question mark stands for arithmetic that is not known.
func (s Summary) String() string {
	rows := [][]string{{"", "layer", "output", "parameters", "FLOPs", "in training"}, {"", "input", s.Input.String()}}
	unknown := ""
	for _, l := range s.Layers {
		row := []string{strconv.Itoa(l.Index), l.Name, l.Output.String(), grouped(int64(l.Params)), grouped(l.ForwardFLOPs), grouped(l.StepFLOPs)}
		if !l.Counted {
			row[4], row[5] = "?", "?"
			unknown = " + ?"
		}
		rows = append(rows, row)
	}
	rows = append(rows, []string{"", "total", "", grouped(int64(s.Params)), grouped(s.ForwardFLOPs) + unknown, grouped(s.StepFLOPs) + unknown})
	return texttable.Format(rows, 2) + fmt.Sprintf("memory: parameters %s, activations of eight images %s, training %s",
		size(s.ParamBytes), size(s.BlockBytes), size(s.TrainingBytes))
}

// grouped writes a number with commas between groups of three digits.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// size writes a number of bytes in the largest unit of which there is at least
// one.
func size(bytes int64) string {
	v, unit := float64(bytes), "bytes"
	for _, larger := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if v < 1024 {
			break
		}
		v, unit = v/1024, larger
	}
	if unit == "bytes" {
		return fmt.Sprintf("%d bytes", bytes)
	}
	return fmt.Sprintf("%.1f %s", v, unit)
}
