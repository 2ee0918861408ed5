package layer_test

import (
	"errors"
	"math"
	"testing"

	"github.com/simdlanes/lanes/layer"
)

func TestShape(t *testing.T) {
	for _, c := range []struct {
		shape  layer.Shape
		vector bool
		len    int
		text   string
	}{
		{layer.Image(6, 28, 20), false, 6 * 28 * 20, "6x28x20"},
		{layer.Image(1, 1, 1), false, 1, "1x1x1"},
		{layer.Vector(400), true, 400, "400"},
		{layer.Image(2, 8192, 4096), false, layer.MaxLen, "2x8192x4096"},
		{layer.Vector(layer.MaxLen), true, layer.MaxLen, "67108864"},
	} {
		if err := c.shape.Check(); err != nil {
			t.Errorf("%v: Check: want no error, have %v", c.shape, err)
		}
		if got := c.shape.IsVector(); got != c.vector {
			t.Errorf("%v: IsVector: want %v, have %v", c.shape, c.vector, got)
		}
		if got := c.shape.Len(); got != c.len {
			t.Errorf("%v: Len: want %d, have %d", c.shape, c.len, got)
		}
		if got := c.shape.String(); got != c.text {
			t.Errorf("String: want %q, have %q", c.text, got)
		}
	}
}

func TestShapeCheckRejects(t *testing.T) {
	const huge = math.MaxInt
	for _, s := range []layer.Shape{
		{}, layer.Vector(-1), layer.Image(0, 3, 3), layer.Image(1, 0, 3), layer.Image(1, 3, 0), layer.Image(1, -3, -3),
		layer.Vector(layer.MaxLen + 1), layer.Image(3, 8192, 4096), layer.Vector(huge),
		// Products that overflow, one of them to 0 and one to a small number.
		layer.Image(huge, huge, huge), layer.Image(1<<16, 1<<24, 1<<24), layer.Image(huge, 2, huge),
	} {
		if err := s.Check(); !errors.Is(err, layer.ErrShape) {
			t.Errorf("%#v: want ErrShape, have %v", s, err)
		}
	}
}

func TestParams(t *testing.T) {
	for _, c := range []struct {
		params       layer.Params
		weights, len int
	}{
		{layer.Params{}, 0, 0},
		{layer.Params{Rows: 6, RowLen: 25}, 150, 150},
		{layer.Params{Rows: 6, RowLen: 25, Biases: true}, 150, 156},
	} {
		if w, n := c.params.Weights(), c.params.Len(); w != c.weights || n != c.len {
			t.Errorf("%+v: want %d weights of %d parameters, have %d of %d", c.params, c.weights, c.len, w, n)
		}
	}
}
