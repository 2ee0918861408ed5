package layer_test

import (
	"fmt"
	"log"
	"math/rand/v2"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/layer/layertest"
	"github.com/simdlanes/lanes/net"
)

// Scale describes a layer that multiplies every channel of an image by a weight
// and adds a bias.
type Scale struct{}

// Bind implements layer.Layer.
func (Scale) Bind(in layer.Shape) (layer.Op, error) {
	if in.IsVector() {
		return nil, fmt.Errorf("scale: %w: want an image (channels, rows, columns), have a vector of %v", layer.ErrShape, in)
	}
	return &scaleOp{in: in}, in.Check()
}

// scaleOp implements layer.BlockGradient and layer.Counted.
type scaleOp struct {
	in   layer.Shape
	w, b []float32 // of each channel
}

func (o *scaleOp) String() string       { return "scale" }
func (o *scaleOp) Out() layer.Shape     { return o.in }
func (o *scaleOp) MultiplyAdds() int64  { return int64(o.in.Len()) }
func (o *scaleOp) Params() layer.Params { return layer.Params{Rows: o.in.C, RowLen: 1, Biases: true} }

func (o *scaleOp) Init(w, b []float32, r *rand.Rand) {
	for c := range w {
		w[c] = 0.5 + layer.Uniform(r)
		b[c] = 0
	}
}

func (o *scaleOp) Attach(w, b []float32) { o.w, o.b = w, b }
func (o *scaleOp) Pack(lo, hi int)       {} // nothing is derived from the weights

// channelLen is how much of a block a channel takes: all its pixels, of eight
// images each.
func (o *scaleOp) channelLen() int { return o.in.H * o.in.W * layer.Lanes }

func (o *scaleOp) Forward(y, x []float32, n int) {
	for i, v := range x {
		c := i / o.channelLen()
		y[i] = float32(o.w[c]*v) + o.b[c]
	}
}

// Backward has no activation to take back, and so leaves dy as it is.
func (o *scaleOp) Backward(dx, dy, x, y []float32, n int) {
	for i := range dx { // of no length if nobody asks for it
		dx[i] = o.w[i/o.channelLen()] * dy[i]
	}
}

// Gradient adds up all lanes: those of absent images have a dy of 0.
func (o *scaleOp) Gradient(dw, db, x, dy []float32, n int) {
	clear(dw)
	clear(db)
	for i, d := range dy {
		c := i / o.channelLen()
		dw[c] += float32(d * x[i])
		db[c] += d
	}
}

// A layer with parameters: tested, and trained between layers of the module.
func Example_ownLayerWithParameters() {
	in := layer.Image(3, 4, 5)
	fmt.Println(layertest.Check(Scale{}, in), layertest.GradCheck(Scale{}, in))

	network, err := net.New(layer.Image(1, 4, 4), 1, conv.Layer{Filters: 2, Size: 3}, Scale{}, dense.Flatten{}, dense.Layer{Units: 2})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(network)
	trainer, err := net.NewTrainer(network, net.TrainerConfig{Optimizer: net.SGD{Rate: 0.1}})
	if err != nil {
		log.Fatal(err)
	}
	defer trainer.Close()

	images := make([]float32, 12*16) // of noise, and darker or brighter
	labels := make([]int, 12)
	layer.Normal(images, 0.5, layer.Stream(1, "noise", 0))
	for i := range images {
		labels[i/16] = i / 16 % 2
		images[i] += float32(labels[i/16])
	}
	for step := range 30 {
		loss, err := trainer.Step(images, labels)
		if err != nil {
			log.Fatal(err)
		}
		if step%10 == 9 {
			fmt.Printf("step %d: loss %.2f\n", step+1, loss)
		}
	}
	// Output:
	// <nil> <nil>
	//    layer                         output  parameters  FLOPs  in training
	//    input                          1x4x4
	// 0  conv 2 filters 3x3, identity   2x2x2          20    144          288
	// 1  scale                          2x2x2           4     16           48
	// 2  flatten                            8           0      0            0
	// 3  dense 2 units, identity            2          18     32           96
	//    total                                         42    192          432
	// memory: parameters 168 bytes, activations of eight images 1.3 KiB, training 2.8 KiB
	// step 10: loss 0.36
	// step 20: loss 0.12
	// step 30: loss 0.05
}
