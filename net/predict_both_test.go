package net_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// passThrough is a network whose outputs are its inputs, times a factor.
func passThrough(t testing.TB, outputs int, factor float32, m net.Meaning) *net.Network {
	t.Helper()
	n, err := net.New(layer.Vector(outputs), 1, dense.Layer{Units: outputs})
	if err != nil {
		t.Fatal(err)
	}
	w := make([]float32, outputs*outputs)
	for i := range outputs {
		w[i*outputs+i] = factor
	}
	if err := n.SetParams(0, w, make([]float32, outputs)); err != nil {
		t.Fatal(err)
	}
	if err := n.SetMeaning(m); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestPredictBoth is the other two, whatever the outputs mean.
func TestPredictBoth(t *testing.T) {
	for _, m := range []net.Meaning{net.Logits, net.Odds, net.Scores} {
		for _, outputs := range []int{1, 3} {
			n := passThrough(t, outputs, 1, m)
			x := make([]float32, 21*outputs)
			layer.Normal(x, 1, layer.Stream(1, "x", 0))
			p := n.NewPredictor(2)
			defer p.Close()
			wantClasses, err1 := n.Predict([]int{7}, x)
			wantProba, err2 := n.PredictProba([]float32{8, 9}, x)
			if err1 != nil || err2 != nil {
				t.Fatal(err1, err2)
			}
			for name, both := range map[string]func([]int, []float32, []float32) ([]int, []float32, error){
				"network": n.PredictBoth, "predictor": p.PredictBoth,
			} {
				classes, proba, err := both([]int{7}, []float32{8, 9}, x)
				if err != nil || !slices.Equal(classes, wantClasses) || !slices.Equal(proba, wantProba) {
					t.Errorf("%s, %v, %d outputs: %v, %v, error %v, want %v, %v", name, m, outputs, classes, proba, err, wantClasses, wantProba)
				}
				bad := append(slices.Clone(x), float32(math.NaN()))
				if classes, proba, err = both([]int{7}, []float32{8, 9}, bad); err == nil || len(classes) != 1 || len(proba) != 2 {
					t.Errorf("%s: after bad input %v, %v, error %v", name, classes, proba, err)
				}
			}
		}
	}
}

// TestPredictBothEqualProbabilities has probabilities that are rounded to the same
// one: the class is the larger output's.
func TestPredictBothEqualProbabilities(t *testing.T) {
	for _, c := range []struct {
		meaning net.Meaning
		outputs []float32
	}{
		{net.Odds, []float32{20, 30}},
		{net.Logits, []float32{0, 1e-9}},
		{net.Odds, []float32{1e-9}},
	} {
		n := passThrough(t, len(c.outputs), 1, c.meaning)
		classes, proba, err := n.PredictBoth(nil, nil, c.outputs)
		if err != nil || classes[0] != 1 || proba[0] != proba[1] {
			t.Errorf("%v: class %v, probabilities %v, error %v, want class 1 and equal ones", c.outputs, classes, proba, err)
		}
	}
}

// TestOutputsMustBeFinite has finite images and parameters give outputs that are
// not.
func TestOutputsMustBeFinite(t *testing.T) {
	n := passThrough(t, 3, 1e30, net.Logits)
	for _, v := range []float32{1e30, -1e30} {
		x := make([]float32, 3*21)
		x[3*17+1], x[3*19] = v, v
		data := net.Examples{Images: x, Labels: make([]int, 21)}
		for _, workers := range []int{1, 2} {
			p := n.NewPredictor(workers)
			defer p.Close()
			for name, call := range map[string]func() error{
				"Predict":      func() error { _, err := p.Predict(nil, x); return err },
				"PredictProba": func() error { _, err := p.PredictProba(nil, x); return err },
				"PredictBoth":  func() error { _, _, err := p.PredictBoth(nil, nil, x); return err },
				"Accuracy":     func() error { _, err := p.Accuracy(data); return err },
				"Evaluate":     func() error { _, err := p.Evaluate(data, nil); return err },
			} {
				wantError(t, name, call(), net.ErrNotFinite, "image 17:", fmt.Sprintf("output 1 of 3 is %v", v*float32(math.Inf(1))))
			}
		}
	}
}

func ExampleNetwork_PredictBoth() {
	n, err := net.New(layer.Vector(2), 1, dense.Layer{Units: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := n.SetParams(0, []float32{1, 0, 0, 1}, []float32{0, 0}); err != nil {
		fmt.Println(err)
		return
	}
	classes, proba, err := n.PredictBoth(nil, nil, []float32{2, 1, 0, 3})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%v %.2f\n", classes, proba)
	// Output: [0 1] [0.73 0.27 0.05 0.95]
}
