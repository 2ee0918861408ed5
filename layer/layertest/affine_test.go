package layertest_test

import (
	"math"
	"math/rand/v2"
	"runtime"
	"sync/atomic"

	"github.com/simdlanes/lanes/layer"
)

// affine is y = tanh(w*x + b) with a weight and a bias for each channel, as a
// layer.DividedGradient, layer.Single and layer.Replicated. It has the fault that it
// is told to have, none if that is empty.
type affine struct{ fault string }

func (l affine) Bind(in layer.Shape) (layer.Op, error) {
	if l.fault == "binds to nothing" {
		return nil, nil
	}
	return &affineOp{fault: l.fault, in: in}, nil
}

type affineOp struct {
	fault  string
	in     layer.Shape
	w, b   []float32
	packed []float32 // a copy of w
	calls  atomic.Int32
	shared [8]atomic.Uint32 // the bits of the first element of each image
}

func (o *affineOp) String() string {
	if o.fault == "has no name" {
		return ""
	}
	return "affine"
}

func (o *affineOp) Out() layer.Shape {
	if o.fault == "has no output" {
		return layer.Image(o.in.C, 0, 1)
	}
	return o.in
}

func (o *affineOp) MultiplyAdds() int64 {
	if o.fault == "counts backwards" {
		return -1
	}
	return int64(o.in.Len())
}

func (o *affineOp) WeightDims() []int {
	if o.fault == "has other dimensions" {
		return []int{o.in.C, 2}
	}
	return []int{o.in.C, 1}
}

func (o *affineOp) Params() layer.Params {
	if o.fault == "has no rows" {
		return layer.Params{}
	}
	return layer.Params{Rows: o.in.C, RowLen: 1, Biases: true}
}

func (o *affineOp) Init(w, b []float32, r *rand.Rand) {
	layer.Normal(w, 1, r)
	if o.fault == "draws from elsewhere" {
		w[0] = float32(o.calls.Add(1))
	}
	if o.fault != "leaves biases as they are" {
		clear(b)
	}
}

func (o *affineOp) Attach(w, b []float32) {
	if o.fault == "attaches once" && o.w != nil {
		return
	}
	if o.fault == "keeps a copy of biases" {
		b = append([]float32(nil), b...)
	}
	o.w, o.b = w, b
	o.packed = make([]float32, len(w))
	o.Pack(0, len(w))
}

func (o *affineOp) Pack(lo, hi int) {
	if o.fault == "packs the first rows" && lo > 0 {
		return
	}
	if o.fault == "does not pack" && o.calls.Add(1) > 1 {
		return
	}
	copy(o.packed[lo:hi], o.w[lo:hi])
}

func (o *affineOp) Replica() layer.Trained {
	r := &affineOp{fault: o.fault, in: o.in}
	switch o.fault {
	case "is its own replica":
		return o
	case "has another replica":
		r.fault = "is another function"
	case "has a replica of another shape":
		r.in.C++
	}
	return r
}

// channels yields the parts of a block that belong to each channel.
func (o *affineOp) channels(x []float32) func(yield func(c int, x []float32) bool) {
	size := o.in.H * o.in.W * layer.Lanes
	return func(yield func(int, []float32) bool) {
		for c := range o.in.C {
			if !yield(c, x[c*size:(c+1)*size]) {
				return
			}
		}
	}
}

func (o *affineOp) Forward(y, x []float32, n int) {
	for c, x := range o.channels(x) {
		y := y[c*len(x):][:len(x)]
		for i, v := range x {
			y[i] = float32(o.packed[c]*v) + o.b[c]
		}
		layer.Tanh.Forward(y)
	}
	o.forwardFault(y, x, n)
}

func (o *affineOp) forwardFault(y, x []float32, n int) {
	switch o.fault {
	case "writes to its input":
		x[len(x)-1]++
	case "writes to its weights":
		o.w[0]++
	case "leaves an output":
		y[len(y)-layer.Lanes] = nan()
	case "writes NaN where no image is":
		if n < layer.Lanes {
			y[len(y)-1] = nan()
		}
	case "adds up absent images":
		for _, v := range x[1:layer.Lanes] {
			y[0] += v
		}
	case "adds up images":
		for _, v := range x[1:n] {
			y[0] += v
		}
	case "keeps its input":
		for i := range n {
			o.shared[i].Store(math.Float32bits(x[i]))
		}
		runtime.Gosched()
		for i := range n {
			y[i] += math.Float32frombits(o.shared[i].Load())
		}
	case "knows the place":
		y[1] += 0.25
	case "knows the number of images":
		y[0] += float32(n)
	case "counts its calls":
		y[0] += float32(o.calls.Add(1))
	case "is another function":
		y[8] = -y[8]
	case "panics":
		y[len(y)]++
	}
}

func (o *affineOp) ScratchOne() int { return 1 }

func (o *affineOp) ForwardOne(y, x, scratch []float32) {
	per := o.in.H * o.in.W
	for i, v := range x {
		y[i] = float32(o.w[i/per]*v) + o.b[i/per]
	}
	layer.Tanh.Forward(y)
	switch o.fault {
	case "keeps its input": // which is no fault here
		y[0] += x[0]
	case "computes single images otherwise":
		y[len(y)-1] *= 2
	case "wants empty scratch":
		y[0] += scratch[0]
	case "writes to a single image":
		x[0]++
	}
}

func (o *affineOp) Backward(dx, dy, x, y []float32, n int) {
	if o.fault != "forgets the activation" {
		layer.Tanh.Backward(dy, y)
	}
	if o.fault == "wants a dx" {
		_ = dx[0]
	}
	for c, dy := range o.channels(dy) {
		if dx != nil {
			dx := dx[c*len(dy):][:len(dy)]
			for i, d := range dy {
				if o.fault == "adds to dx" {
					dx[i] += o.packed[c] * d
				} else {
					dx[i] = o.packed[c] * d
				}
			}
		}
	}
	if dx == nil {
		return
	}
	switch o.fault {
	case "leaves dx where no image is":
		dx[len(dx)-1] += float32(layer.Lanes - n)
	case "leaves dy where no image is":
		dy[len(dy)-1] += float32(layer.Lanes - n)
	case "changes its output":
		y[0] = 0
	case "changes the input backward":
		x[0] = 0
	case "is wrong in one place":
		dx[24] *= 1.01
	case "is a little wrong":
		for i := range dx {
			dx[i] *= 1.001
		}
	}
}

func (o *affineOp) Gradient(dw, db, x, dy []float32, n int) {
	if o.fault == "keeps old gradients" {
		dw[0] += 0
		return
	}
	for c, x := range o.channels(x) {
		dw[c], db[c] = 0, 0
		dy := dy[c*len(x):][:len(x)]
		for i, v := range x {
			dw[c] += float32(v * dy[i])
			db[c] += dy[i]
		}
	}
	switch o.fault {
	case "takes the mean":
		for c := range dw {
			dw[c] /= float32(n)
		}
	case "has a wrong weight":
		dw[1] *= 1.001
	case "forgets biases":
		clear(db)
	case "adds up what is absent":
		dw[0] += x[7]
	case "changes dy":
		dy[0]++
	}
}

func (o *affineOp) Activation() layer.Activation {
	if o.fault == "names another activation" {
		return layer.Sigmoid
	}
	return layer.Tanh
}

func (o *affineOp) Channelwise() bool { return true }

func (o *affineOp) ForwardPart(y, x []float32, n int, p layer.Part) {
	for c, x := range o.channels(x) {
		if c < p.Lo || c >= p.Hi || o.fault == "leaves a channel" && c == 4 {
			continue
		}
		y := y[c*len(x):][:len(x)]
		for i, v := range x {
			y[i] = float32(o.packed[c]*v) + o.b[c]
		}
		layer.Tanh.Forward(y)
	}
	switch o.fault {
	case "writes to other channels":
		if p.Lo > 0 {
			y[0] = 1
		}
	case "looks at other channels":
		if p.Lo > 0 {
			y[p.Lo*o.in.H*o.in.W*layer.Lanes] += 0 * x[0]
		}
	case "panics in parts":
		y[len(y)]++
	}
}

func (o *affineOp) BackwardPart(dx, dy, x, y []float32, n int, p layer.Part) {
	for c, dy := range o.channels(dy) {
		if c < p.Lo || c >= p.Hi {
			continue
		}
		for i, d := range dy {
			dx[c*len(dy)+i] = o.packed[c] * d
		}
	}
	if o.fault == "applies the activation again" {
		layer.Tanh.Backward(p.Of(dx, o.in), p.Of(y, o.in))
	}
}

func (o *affineOp) GradientPart(dw, db, x, dy []float32, n int, p layer.Part) {
	whole := affineOp{in: o.in}
	w, b := make([]float32, len(dw)), make([]float32, len(db))
	whole.Gradient(w, b, x, dy, n)
	copy(dw[p.Lo:p.Hi], w[p.Lo:p.Hi])
	copy(db[p.Lo:p.Hi], b[p.Lo:p.Hi])
	switch o.fault {
	case "writes to other rows":
		dw[0] = w[0]
	case "has another bias in parts":
		db[p.Lo]++
	}
}
