// Package docs_test holds the code of the documents, so that it is compiled, run
// and tested. What a document shows of it stands there word for word.
package docs_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"math/rand/v2"
	"testing"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/layer/layertest"
	"github.com/simdlanes/lanes/mnist"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/net/model"
	"github.com/simdlanes/lanes/pool"
)

// PReLU passes on what is above 0, and a share of what is below: its slope, which
// each channel learns for itself (He et al., "Delving Deep into Rectifiers", 2015,
// equation 1). It takes images.
type PReLU struct {
	Slope float32 // that training begins with
}

// Bind implements [layer.Layer].
func (p PReLU) Bind(in layer.Shape) (layer.Op, error) {
	if in.IsVector() {
		return nil, fmt.Errorf("prelu: %w: want an image, have %v", layer.ErrShape, in)
	}
	return &preluOp{start: p.Slope, shape: in}, nil
}

type preluOp struct {
	start  float32
	shape  layer.Shape
	slopes []float32
}

func (o *preluOp) String() string   { return "prelu" }
func (o *preluOp) Out() layer.Shape { return o.shape }

// channel is the part of a block that belongs to channel c.
func (o *preluOp) channel(block []float32, c int) []float32 {
	size := o.shape.H * o.shape.W * layer.Lanes
	return block[c*size:][:size]
}

// Forward implements [layer.Op].
func (o *preluOp) Forward(y, x []float32, n int) {
	for c, slope := range o.slopes {
		x, y := o.channel(x, c), o.channel(y, c)
		for i, v := range x {
			if v < 0 {
				v *= slope
			}
			y[i] = v
		}
	}
}

// Backward implements [layer.Op]: dx = dy where x is above 0, slope*dy below.
func (o *preluOp) Backward(dx, dy, x, y []float32, n int) {
	if dx == nil {
		return
	}
	for c, slope := range o.slopes {
		x, dx, dy := o.channel(x, c), o.channel(dx, c), o.channel(dy, c)
		for i, d := range dy {
			if x[i] < 0 {
				d *= slope
			}
			dx[i] = d
		}
	}
}

// Params implements [layer.Trained]: one weight for each channel, no bias.
func (o *preluOp) Params() layer.Params { return layer.Params{Rows: o.shape.C, RowLen: 1} }

// Init implements [layer.Trained].
func (o *preluOp) Init(w, b []float32, r *rand.Rand) {
	for c := range w {
		w[c] = o.start
	}
}

// Attach implements [layer.Trained].
func (o *preluOp) Attach(w, b []float32) { o.slopes = w }

// Pack implements [layer.Trained]: nothing is derived from the slopes.
func (o *preluOp) Pack(lo, hi int) {}

// Gradient implements [layer.BlockGradient]: the slope of a channel multiplies
// the x below 0, so its gradient is the sum of x*dy over those.
func (o *preluOp) Gradient(dw, db, x, dy []float32, n int) {
	for c := range dw {
		x, dy := o.channel(x, c), o.channel(dy, c)
		sum := float32(0)
		for i, v := range x {
			if v < 0 {
				sum += float32(v * dy[i])
			}
		}
		dw[c] = sum
	}
}

func TestPReLU(t *testing.T) {
	for _, slope := range []float32{0.25, 0, -1} {
		l, in := PReLU{Slope: slope}, layer.Image(3, 4, 5)
		if err := layertest.Check(l, in); err != nil {
			t.Error(err)
		}
		if err := layertest.GradCheck(l, in); err != nil {
			t.Error(err)
		}
	}
}

func Example_layer() {
	all, err := mnist.Test10k()
	if err != nil {
		log.Fatal(err)
	}
	train, err := all.Slice(0, 1200)
	if err != nil {
		log.Fatal(err)
	}
	test, err := all.Slice(9500, 10000)
	if err != nil {
		log.Fatal(err)
	}

	network, err := net.New(layer.Image(1, 28, 28), 1,
		conv.Layer{Filters: 6, Size: 5},
		PReLU{Slope: 0.25},
		pool.Max{Size: 4},
		dense.Flatten{},
		dense.Layer{Units: 10},
	)
	if err != nil {
		log.Fatal(err)
	}
	trainer, err := net.NewTrainer(network, net.TrainerConfig{Optimizer: net.Adam{Rate: 0.01}})
	if err != nil {
		log.Fatal(err)
	}
	defer trainer.Close()
	if _, err := trainer.Fit(context.Background(), train.Examples(mnist.Unit), net.FitConfig{Epochs: 1, BatchSize: 8}); err != nil {
		log.Fatal(err)
	}
	accuracy, err := network.Accuracy(test.Examples(mnist.Unit))
	if err != nil {
		log.Fatal(err)
	}
	slopes, _, err := network.Params(1)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.1f %% of %d digits, slopes %.2f\n", 100*accuracy, test.Len(), slopes)

	kinds := model.Kinds{"prelu": PReLU{}}
	var file bytes.Buffer
	if err := (&model.Model{Network: network}).Save(&file, kinds); err != nil {
		log.Fatal(err)
	}
	loaded, err := model.Load(&file, kinds)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%+v, same weights: %v\n", loaded.Network.Layers()[1], loaded.Network.Hash() == network.Hash())

	// Output:
	// 83.4 % of 500 digits, slopes [0.81 0.80 0.73 0.30 0.76 0.83]
	// {Slope:0.25}, same weights: true
}
