package norm_test

import (
	"errors"
	"math"
	"testing"

	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/norm"
)

func TestOptions(t *testing.T) {
	nan := float32(math.NaN())
	for _, l := range []layer.Layer{
		norm.Batch{Epsilon: -1}, norm.Batch{Epsilon: nan}, norm.Batch{Momentum: 1.5}, norm.Batch{Momentum: nan},
		norm.Batch{Activation: 99}, norm.Dropout{Rate: 1}, norm.Dropout{Rate: -0.1}, norm.Dropout{Rate: nan},
	} {
		if _, err := l.Bind(layer.Vector(3)); !errors.Is(err, layer.ErrOption) {
			t.Errorf("%+v: want ErrOption, have %v", l, err)
		}
	}
	for _, l := range []layer.Layer{norm.Batch{}, norm.Dropout{}} {
		if _, err := l.Bind(layer.Vector(0)); !errors.Is(err, layer.ErrShape) {
			t.Errorf("%+v of nothing: want ErrShape, have %v", l, err)
		}
	}
}

// TestOneValue normalises a batch that has one value of each element: beta comes
// out, no gradient goes back, and the running variance stays.
func TestOneValue(t *testing.T) {
	p, _, b, state := newPass(t, norm.Batch{}, layer.Vector(3), 1)
	copy(b, []float32{1, -2, 3})
	y := p.forward([]float32{0.1, 1e6, -7})
	dx, _, _ := p.backward([]float32{1, 2, 3})
	p.op.EndStep()
	for c := range b {
		if y[c] != b[c] && math.Abs(float64(y[c]-b[c])) > 1e-5 || dx[c] != 0 || state[3+c] != 1 {
			t.Errorf("element %d: output %v, want %v; gradient %v, want 0; running variance %v, want 1", c, y[c], b[c], dx[c], state[3+c])
		}
	}
}

// TestLargeMean normalises numbers that differ by little of what they are.
func TestLargeMean(t *testing.T) {
	in := layer.Image(1, 4, 4)
	const n = 9
	x := make([]float32, n*in.Len())
	for i := range x {
		x[i] = 1 << 20
		if i%2 == 0 {
			x[i]++
		}
	}
	p, _, _, _ := newPass(t, norm.Batch{}, in, n)
	want := 0.5 / math.Sqrt(0.25+1e-5)
	for i, v := range p.forward(x) {
		if i%2 == 1 {
			v = -v
		}
		if math.Abs(float64(v)-want) > 1e-6 {
			t.Fatalf("element %d: want ±%v, have %v", i, want, v)
		}
	}
}

// TestEqualValues normalises values that are all the same, so many that roundings
// make sums of squares too large or too small: beta comes out, the running mean is
// that value, and the running variance 0, but for roundings.
func TestEqualValues(t *testing.T) {
	in := layer.Image(1, 37, 41)
	const n = 17
	for _, v := range []float32{0, 0.1, 0.3, 1e6, 1e6 / 3, 1e-38, 1.03e38, 1.0333333e38, -3.21e38, math.MaxFloat32} {
		x, dy := make([]float32, n*in.Len()), make([]float32, n*in.Len())
		for i := range x {
			x[i], dy[i] = v, 1
		}
		p, _, b, state := newPass(t, norm.Batch{Momentum: 1}, in, n)
		b[0] = 0.75
		y := p.forward(x)
		dx, _, _ := p.backward(dy)
		if err := p.op.(layer.BatchChecked).CheckBatch(); err != nil {
			t.Errorf("%v: %v", v, err)
		}
		p.op.EndStep()
		for i := range y {
			if !(math.Abs(float64(y[i]-0.75)) <= 1e-6) || !(math.Abs(float64(dx[i])) <= 1e-4) {
				t.Fatalf("%v: output %v, want 0.75; gradient %v, want 0", v, y[i], dx[i])
			}
		}
		most := 1e-13 * float64(v) * float64(v) // for roundings
		if most > math.MaxFloat32 {
			most = 0
		}
		if state[0] != v || !(state[1] >= 0 && float64(state[1]) <= most) {
			t.Errorf("%v: running mean %v and variance %v", v, state[0], state[1])
		}
	}
}

// TestOrderOfSums adds numbers of which some vanish beside others, so that another
// order gives another mean: lanes pairwise, and blocks pairwise, neighbours first.
func TestOrderOfSums(t *testing.T) {
	const large = 1 << 60
	four := []float32{large, 1, -large, 1}
	lanes := append(append([]float32{}, four...), make([]float32, 4)...)
	var blocks []float32
	for _, v := range four {
		blocks = append(append(blocks, v), make([]float32, 7)...)
	}
	for name, x := range map[string][]float32{"lanes": lanes, "blocks": blocks} {
		for _, c := range []struct {
			what string
			in   layer.Shape
			want float32
		}{
			{"images", layer.Image(1, 1, 1), 0},
			{"vectors", layer.Vector(1), map[string]float32{"lanes": 1, "blocks": 0}[name]}, // one chain over a block
		} {
			p, _, _, state := newPass(t, norm.Batch{Momentum: 1}, c.in, len(x))
			p.forward(x)
			p.op.EndStep()
			if got := state[0] * float32(len(x)); got != c.want {
				t.Errorf("%s, %s: the sum is %v, want %v", name, c.what, got, c.want)
			}
		}
	}
}

// TestDropoutIsTheSameBack drops backward what it dropped forward, another mask in
// every step, layer and image, and the same images wherever the block begins.
func TestDropoutIsTheSameBack(t *testing.T) {
	for _, in := range []layer.Shape{layer.Vector(70), layer.Image(2, 5, 7)} {
		op, err := norm.Dropout{Rate: 0.5, Seed: 3}.Bind(in)
		if err != nil {
			t.Fatal(err)
		}
		d := op.(layer.Training)
		size := 8 * in.Len()
		ones, y, dx := make([]float32, size), make([]float32, size), make([]float32, size)
		for i := range ones {
			ones[i] = 1
		}
		at := layer.Place{Step: 2, Layer: 1, Image: 8}
		d.ForwardTraining(y, ones, 8, at)
		d.BackwardTraining(dx, ones, ones, y, 8, at)
		differ := func(other layer.Place) (n int) {
			z := make([]float32, size)
			d.ForwardTraining(z, ones, 8, other)
			for i := range z {
				if z[i] != y[i] {
					n++
				}
			}
			return n
		}
		for i := range y {
			if y[i] != dx[i] || y[i] != 0 && y[i] != 2 {
				t.Fatalf("%v: element %d: %v forward, %v back", in, i, y[i], dx[i])
			}
		}
		for _, other := range []layer.Place{{Step: 3, Layer: 1, Image: 8}, {Step: 2, Layer: 2, Image: 8}, {Step: 2, Layer: 1, Image: 16}} {
			if n := differ(other); n < size*2/5 || n > size*3/5 {
				t.Errorf("%v: %+v: %d of %d are others", in, other, n, size)
			}
		}
	}
}

// TestDropoutArithmetic compares both ways with x*mask/(1-p), where the mask is what a
// block of ones leaves, and the fraction of what is dropped with p.
func TestDropoutArithmetic(t *testing.T) {
	for _, in := range []layer.Shape{layer.Vector(700), layer.Image(5, 10, 14)} {
		for _, rate := range []float32{0, 0.1, 0.3, 0.5, 0.9} {
			op, err := norm.Dropout{Rate: rate, Seed: 3}.Bind(in)
			if err != nil {
				t.Fatal(err)
			}
			d, size, at := op.(layer.Training), 8*in.Len(), layer.Place{Step: 1, Layer: 2, Image: 8}
			x, ones, mask := make([]float32, size), make([]float32, size), make([]float32, size)
			y, dx := make([]float32, size), make([]float32, size)
			for i := range x {
				x[i], ones[i] = float32(i%19-9)/7, 1
			}
			d.ForwardTraining(mask, ones, 8, at)
			d.ForwardTraining(y, x, 8, at)
			d.BackwardTraining(dx, x, ones, mask, 8, at)
			dropped := 0
			for i := range x {
				want := float64(x[i]) / (1 - float64(rate))
				if mask[i] == 0 {
					want = 0
					dropped++
				}
				if math.Abs(float64(y[i])-want) > 1e-6*math.Abs(want) || dx[i] != y[i] {
					t.Fatalf("%v, rate %v, element %d: %v forward, %v back, want %v", in, rate, i, y[i], dx[i], want)
				}
			}
			if got := float64(dropped) / float64(size); math.Abs(got-float64(rate)) > 0.03 {
				t.Errorf("%v, rate %v: %v are dropped", in, rate, got)
			}
		}
	}
}
