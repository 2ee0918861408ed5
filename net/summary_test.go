package net_test

import (
	"strings"
	"testing"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/pool"
)

// TestSummaryOfLeNet compares with numbers that can be computed by hand.
func TestSummaryOfLeNet(t *testing.T) {
	const (
		convs   = 2*6*28*28*25 + 3*16*10*10*150 // forward and backward, without a gradient of the images
		denses  = 3 * (400*120 + 120*84 + 84*10)
		tensors = 32*32 + 6*28*28 + 6*14*14 + 16*10*10 + 400 + 400 + 120 + 84 + 10
	)
	s := net.LeNet5(1).Summary()
	if s.Params != 61706 || s.ForwardFLOPs != 833040 || s.StepFLOPs != 2*(convs+denses) {
		t.Errorf("parameters %d, FLOPs %d and %d", s.Params, s.ForwardFLOPs, s.StepFLOPs)
	}
	if s.ParamBytes != 4*61706 || s.BlockBytes != 32*tensors || s.TrainingBytes != 16*61706+32*(2*tensors-1024) {
		t.Errorf("bytes %d, %d and %d", s.ParamBytes, s.BlockBytes, s.TrainingBytes)
	}
	if s.Input != net.LeNet5Input() || len(s.Layers) != 8 {
		t.Fatalf("input %v and %d layers", s.Input, len(s.Layers))
	}
	want := net.LayerSummary{Index: 2, Name: "conv 16 filters 5x5, relu", Output: layer.Image(16, 10, 10), Params: 2416,
		Counted: true, ForwardFLOPs: 480000, StepFLOPs: 1440000}
	if s.Layers[2] != want {
		t.Errorf("layer 2: %+v, want %+v", s.Layers[2], want)
	}
}

// scaled is a layer with products but no parameters.
type scaled struct{ centre }

func (s scaled) Bind(in layer.Shape) (layer.Op, error) {
	op, err := s.centre.Bind(in)
	return scaledOp{op}, err
}

type scaledOp struct{ layer.Op }

func (o scaledOp) MultiplyAdds() int64 { return int64(o.Out().Len()) }

// TestSummaryCountsPasses counts forward, the gradient of the input where a
// layer before needs it, and that of the parameters where there are some.
func TestSummaryCountsPasses(t *testing.T) {
	n, err := net.New(layer.Vector(5), 1, scaled{}, dense.Layer{Units: 3}, scaled{}, dense.Layer{Units: 2}, centre{})
	if err != nil {
		t.Fatal(err)
	}
	s := n.Summary()
	want := [][2]int64{{10, 10}, {30, 60}, {6, 12}, {12, 36}, {0, 0}}
	for i, l := range s.Layers {
		if l.ForwardFLOPs != want[i][0] || l.StepFLOPs != want[i][1] || l.Counted != (i < 4) {
			t.Errorf("layer %d: %+v, want %v", i, l, want[i])
		}
	}
	if s.ForwardFLOPs != 58 || s.StepFLOPs != 118 {
		t.Errorf("sums %d and %d", s.ForwardFLOPs, s.StepFLOPs)
	}
	lines := strings.Split(s.String(), "\n")
	for _, c := range []struct {
		line int
		text string
	}{{2, "0  centre"}, {6, "?"}, {7, "58 + ?"}, {7, "118 + ?"}, {8, "memory: parameters 104 bytes"}} {
		if !strings.Contains(lines[c.line], c.text) {
			t.Errorf("line %d is %q, want %q in it", c.line, lines[c.line], c.text)
		}
	}
	without, err := net.New(layer.Image(1, 2, 2), 1, scaled{}, pool.Max{Size: 2})
	if err != nil {
		t.Fatal(err)
	}
	if s := without.Summary(); s.Params != 0 || s.StepFLOPs != 8 || s.ParamBytes != 0 {
		t.Errorf("without parameters: %+v", s)
	}
}

// TestSummaryAligned draws large numbers and long names.
func TestSummaryAligned(t *testing.T) {
	n, err := net.New(layer.Image(3, 300, 400), 1,
		conv.Layer{Filters: 64, Size: 7, Stride: 2, Padding: 3, Activation: layer.Sigmoid}, dense.Flatten{})
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(n.String(), "\n")
	for i, l := range lines[1:5] {
		if len(l) > len(lines[0]) || strings.TrimRight(l, " ") != l {
			t.Errorf("line %d is %q, longer than %q or with spaces at its end", i+1, l, lines[0])
		}
	}
	for _, want := range []string{"64x150x200", "9,472", "558,849,024", "memory: parameters 37.0 KiB, activations of eight images 128.2 MiB, training 245.5 MiB"} {
		if !strings.Contains(n.String(), want) {
			t.Errorf("want %q in\n%v", want, n)
		}
	}
}
