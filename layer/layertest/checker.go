package layertest

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/simdlanes/lanes/layer"
)

// Errors that the functions of this package wrap, beside those of the layer's own
// Bind.
var (
	ErrContract = errors.New("layer breaks its contract")
	ErrGradient = errors.New("gradient is wrong")
)

// Checker tests layers on random images. The zero value is ready to use.
type Checker struct {
	// Seed is that of images, gradients and parameters.
	Seed uint64

	// Fill writes the elements of the images; nil means a normal distribution of
	// mean 0 and standard deviation 1. It is for layers that want inputs of a
	// certain kind, such as positive ones.
	Fill func(x []float32, r *rand.Rand)
}

// Check is [Checker.Check] with the zero Checker.
func Check(l layer.Layer, in layer.Shape) error { return Checker{}.Check(l, in) }

// GradCheck is [Checker.GradCheck] with the zero Checker.
func GradCheck(l layer.Layer, in layer.Shape) error { return Checker{}.GradCheck(l, in) }

// fill returns n random images of shape s.
func (c Checker) fill(n int, s layer.Shape) [][]float32 {
	fill := c.Fill
	if fill == nil {
		fill = func(x []float32, r *rand.Rand) { layer.Normal(x, 1, r) }
	}
	images := make([][]float32, n)
	for i := range images {
		images[i] = make([]float32, s.Len())
		fill(images[i], layer.Stream(c.Seed, "layertest image", uint64(i)))
	}
	return images
}

// weigh returns n random images of shape s, uniformly distributed between -1 and
// 1.
func (c Checker) weigh(n int, s layer.Shape) [][]float32 {
	images := make([][]float32, n)
	for i := range images {
		images[i] = make([]float32, s.Len())
		r := layer.Stream(c.Seed, "layertest weight", uint64(i))
		for e := range images[i] {
			images[i][e] = 2*layer.Uniform(r) - 1
		}
	}
	return images
}

// A subject is a layer under test, bound and with parameters of its own.
type subject struct {
	op      layer.Op
	in, out layer.Shape
	w, b    []float32 // of a layer.Trained

	predicts bool // what a layer.Training has for predictions is under test
}

// predicting is the subject of a layer.Training with what it has for predictions.
func (s *subject) predicting() *subject {
	p := *s
	p.predicts = true
	return &p
}

// equivariant reports whether what is under test gives an image the same outputs
// whatever its place, and whatever other images there are.
func (s *subject) equivariant() bool {
	_, batched := s.op.(layer.Batched)
	_, training := s.op.(layer.Training)
	return s.predicts || !batched && !training
}

// bind binds a layer and gives it random parameters, different ones for each
// index: what Init draws, and a little, lest some be 0.
func (c Checker) bind(l layer.Layer, in layer.Shape, index uint64) (*subject, error) {
	op, err := l.Bind(in)
	if err != nil {
		return nil, err
	}
	if op == nil {
		return nil, fmt.Errorf("%w: Bind returns nil", ErrContract)
	}
	s := &subject{op: op, in: in, out: op.Out()}
	if err := s.out.Check(); err != nil {
		return nil, fmt.Errorf("%w: Out: %w", ErrContract, err)
	}
	if t, ok := op.(layer.Trained); ok {
		if err := checkParams(t, in); err != nil {
			return nil, err
		}
		if st, ok := op.(layer.Stateful); ok {
			state := make([]float32, st.StateLen())
			st.InitState(state)
			st.AttachState(state)
		}
		s.attach(c.parameters(t, index))
	}
	return s, nil
}

// parameters returns random weights and biases.
func (c Checker) parameters(t layer.Trained, index uint64) (w, b []float32) {
	p := t.Params()
	r := layer.Stream(c.Seed, "layertest parameters", index)
	w, b = make([]float32, p.Weights()), make([]float32, p.Len()-p.Weights())
	t.Init(w, b, r)
	for _, v := range [][]float32{w, b} {
		for i := range v {
			v[i] += layer.Uniform(r) - 0.5
		}
	}
	return w, b
}

// attach gives the subject parameters, which it copies.
func (s *subject) attach(w, b []float32) {
	s.w, s.b = clip(w), clip(b)
	s.op.(layer.Trained).Attach(s.w, s.b)
}

// clip returns a copy beyond whose end nothing can be reached.
func clip(x []float32) []float32 {
	y := make([]float32, len(x))
	copy(y, x)
	return y[:len(x):len(x)]
}

// checkParams returns an error unless the parameters that an Op says it has can
// be trained.
func checkParams(t layer.Trained, in layer.Shape) error {
	p := t.Params()
	if p.Rows < 1 || p.RowLen < 0 || p.Len() < 1 || p.Len() > layer.MaxLen {
		return fmt.Errorf("%w: Params: want at least one row and one parameter, and at most %d, have %+v", ErrContract, layer.MaxLen, p)
	}
	_, block := t.(layer.BlockGradient)
	_, batch := t.(layer.BatchGradient)
	_, combined := t.(layer.CombinedGradient)
	if !block && !batch && !combined {
		return fmt.Errorf("%w: an Op with parameters has to implement BlockGradient or BatchGradient, or CombinedGradient", ErrContract)
	}
	if batch && !(in.IsVector() && t.Out().IsVector()) {
		return fmt.Errorf("%w: a BatchGradient has to have vector input and output, not %v and %v", ErrContract, in, t.Out())
	}
	return nil
}

// catch calls f and returns its panic, if it panics, as an error.
func catch(what string, f func()) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%w: %s panics: %v", ErrContract, what, v)
		}
	}()
	f()
	return nil
}
