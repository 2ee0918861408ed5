package model

import (
	"errors"
	"image"
	"image/color"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/simdlanes/lanes/data"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/internal/testkit"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// expected computes a prediction of each class by other means.
func expected(t *testing.T, m *Model, img image.Image) []Prediction {
	t.Helper()
	x := make([]float32, m.Network.Input().Len())
	if err := m.Input.Apply(x, img); err != nil {
		t.Fatal(err)
	}
	proba, err := m.Network.PredictProba(nil, x)
	if err != nil {
		t.Fatal(err)
	}
	var all []Prediction
	for class, p := range proba {
		all = append(all, Prediction{class, m.Label(class), m.Name(class), p})
	}
	slices.SortStableFunc(all, func(a, b Prediction) int {
		switch {
		case a.Probability > b.Probability:
			return -1
		case a.Probability < b.Probability:
			return 1
		}
		return 0
	})
	return all
}

func TestClassify(t *testing.T) {
	m := small(t, 1)
	w := make([]float32, 3*12)
	layer.Normal(w, 20, layer.Stream(1, "w", 0))
	if err := m.Network.SetParams(3, w, make([]float32, 3)); err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	all := pictures(21)
	batch, err := m.ClassifyAll(nil, all)
	if err != nil || len(batch) != len(all) {
		t.Fatalf("%d predictions, error %v", len(batch), err)
	}
	for i, img := range all {
		want := expected(t, m, img)
		seen[want[0].Class] = true
		if got, err := m.Classify(img); err != nil || got != want[0] {
			t.Errorf("picture %d: %+v, error %v, want %+v", i, got, err, want[0])
		}
		if batch[i] != want[0] {
			t.Errorf("picture %d among others: %+v, want %+v", i, batch[i], want[0])
		}
		for k := 1; k <= 5; k++ {
			before := []Prediction{{Class: 99}}
			got, err := m.TopK(before, img, k)
			if err != nil || !slices.Equal(got, append(before, want[:min(k, 3)]...)) {
				t.Errorf("picture %d, %d best: %+v, error %v, want %+v", i, k, got, err, want)
			}
		}
	}
	if len(seen) < 2 {
		t.Errorf("all pictures are of the classes %v: has the test gone blind?", seen)
	}
}

func TestNames(t *testing.T) {
	m := small(t, 1)
	for _, c := range []struct {
		labels []int
		names  []string
		label  int
		name   string
	}{
		{nil, nil, 1, "1"},
		{[]int{300, -200, 100}, nil, -200, "-200"},
		{nil, []string{"a", "b", "c"}, 1, "b"},
		{[]int{300, -200, 100}, []string{"a", "b", "c"}, -200, "b"},
		{[]int{300, 400, 100}, nil, 400, "400"}, // after another label has been made text
	} {
		m.Labels, m.Names = c.labels, c.names
		if m.Label(1) != c.label || m.Name(1) != c.name {
			t.Errorf("%v, %q: class 1 is %d, %q", c.labels, c.names, m.Label(1), m.Name(1))
		}
		top, err := m.TopK(nil, picture(1), 3)
		i := slices.IndexFunc(top, func(p Prediction) bool { return p.Class == 1 })
		if err != nil || i < 0 || top[i].Label != c.label || top[i].Name != c.name {
			t.Errorf("%v, %q: predictions %+v, error %v", c.labels, c.names, top, err)
		}
	}
}

// served returns a model whose images' outputs are the given ones.
func served(t *testing.T, meaning net.Meaning, outputs ...float32) *Model {
	t.Helper()
	n, err := net.New(layer.Vector(1), 1, dense.Layer{Units: len(outputs)})
	if err == nil {
		err = errors.Join(n.SetParams(0, make([]float32, len(outputs)), outputs), n.SetMeaning(meaning))
	}
	if err != nil {
		t.Fatal(err)
	}
	return &Model{Network: n, Input: data.Preprocess{Rows: 1, Cols: 1, Channels: 1}}
}

// TestClassIsPredict has classes whose probabilities are rounded to the same one:
// the first one is the network's.
func TestClassIsPredict(t *testing.T) {
	for _, c := range []struct {
		meaning net.Meaning
		outputs []float32
		order   []int
	}{
		{net.Odds, []float32{20, 30}, []int{1, 0}},
		{net.Odds, []float32{20, 40, 30}, []int{1, 0, 2}},
		{net.Logits, []float32{0, 1e-9}, []int{1, 0}},
		{net.Odds, []float32{1e-9}, []int{1, 0}},
		{net.Odds, []float32{0}, []int{0, 1}},
		{net.Scores, []float32{2, 3, -1, 3}, []int{1, 3, 0, 2}},
	} {
		m := served(t, c.meaning, c.outputs...)
		predicted, err := m.Network.Predict(nil, make([]float32, 1))
		if err != nil || predicted[0] != c.order[0] {
			t.Fatalf("%v: Predict gives %v, error %v, want %d", c.outputs, predicted, err, c.order[0])
		}
		one, err := m.Classify(picture(1))
		if err != nil || one.Class != c.order[0] {
			t.Errorf("%v: Classify gives %+v, error %v, want class %d", c.outputs, one, err, c.order[0])
		}
		top, err := m.TopK(nil, picture(1), len(c.order))
		if err != nil || !slices.EqualFunc(top, c.order, func(p Prediction, class int) bool { return p.Class == class }) {
			t.Errorf("%v: TopK gives %+v, error %v, want classes %v", c.outputs, top, err, c.order)
		}
	}
}

// TestOutputsThatOverflow has finite parameters make outputs that are not.
func TestOutputsThatOverflow(t *testing.T) {
	n, err := net.New(layer.Vector(1), 1, dense.Layer{Units: 1}, dense.Layer{Units: 2})
	if err == nil {
		err = errors.Join(n.SetParams(0, []float32{0}, []float32{3e38}), n.SetParams(1, []float32{10, -10}, []float32{0, 0}))
	}
	if err != nil {
		t.Fatal(err)
	}
	m := &Model{Network: n, Input: data.Preprocess{Rows: 1, Cols: 1, Channels: 1}}
	if p, err := m.Classify(picture(1)); !errors.Is(err, net.ErrNotFinite) || p != (Prediction{}) {
		t.Errorf("Classify: %+v, error %v", p, err)
	}
	if top, err := m.TopK(nil, picture(1), 2); !errors.Is(err, net.ErrNotFinite) || len(top) > 0 {
		t.Errorf("TopK: %+v, error %v", top, err)
	}
}

// TestBest begins with the predicted class, and orders equal probabilities by class.
func TestBest(t *testing.T) {
	s := new(server)
	for _, c := range []struct {
		proba []float32
		want  []int
	}{
		{[]float32{0.25, 0.5, 0.25, 0.5, 0}, []int{1, 3, 0, 2, 4}},
		{[]float32{0.25, 0.5, 0.25, 0.5, 0}, []int{3, 1, 0, 2, 4}},
		{[]float32{1}, []int{0}},
	} {
		for k := 1; k <= len(c.proba); k++ {
			if got := s.best(c.want[0], c.proba, k); !slices.Equal(got, c.want[:k]) {
				t.Errorf("%d best of %v: %v, want %v", k, c.proba, got, c.want[:k])
			}
		}
	}
}

// TestUnusableImages returns what dst was, and a usable model.
func TestUnusableImages(t *testing.T) {
	m := small(t, 1)
	for name, img := range map[string]image.Image{"nil": nil, "empty": image.NewGray(image.Rect(0, 0, 0, 5))} {
		if p, err := m.Classify(img); p != (Prediction{}) || !errors.Is(err, data.ErrImage) {
			t.Errorf("%s: prediction %+v, error %v", name, p, err)
		}
		dst := make([]Prediction, 1)
		all := pictures(12)
		all[10] = img
		if got, err := m.ClassifyAll(dst, all); len(got) != 1 || !errors.Is(err, data.ErrImage) || !strings.Contains(err.Error(), "image 10:") {
			t.Errorf("%s: %d predictions, error %v", name, len(got), err)
		}
		if got, err := m.TopK(dst, img, 2); len(got) != 1 || !errors.Is(err, data.ErrImage) {
			t.Errorf("%s: %d predictions, error %v", name, len(got), err)
		}
	}
	if _, err := m.TopK(nil, picture(1), 0); !errors.Is(err, layer.ErrOption) {
		t.Errorf("none: want ErrOption, have %v", err)
	}
	if got, err := m.ClassifyAll(nil, nil); len(got) != 0 || err != nil {
		t.Errorf("no images: %v, error %v", got, err)
	}
}

func TestUnusableServers(t *testing.T) {
	for name, c := range map[string]struct {
		change func(m *Model)
		want   error
	}{
		"no network": {func(m *Model) { m.Network = nil }, ErrModel},
		"no input":   {func(m *Model) { m.Input = data.Preprocess{} }, ErrModel},
		"shape":      {func(m *Model) { m.Input.Cols++ }, layer.ErrShape},
		"labels":     {func(m *Model) { m.Labels = m.Labels[:1] }, ErrModel},
		"names":      {func(m *Model) { m.Names = m.Names[:1] }, ErrModel},
	} {
		m := small(t, 1)
		c.change(m)
		if _, err := m.Classify(picture(1)); !errors.Is(err, c.want) {
			t.Errorf("%s: want %v, have %v", name, c.want, err)
		}
		if _, err := m.TopK(nil, picture(1), 2); !errors.Is(err, c.want) {
			t.Errorf("%s: want %v, have %v", name, c.want, err)
		}
	}
}

// TestVectorInput serves a network that takes vectors.
func TestVectorInput(t *testing.T) {
	n, err := net.New(layer.Vector(3*4*4), 1, dense.Layer{Units: 2})
	if err != nil {
		t.Fatal(err)
	}
	m := &Model{Network: n, Input: data.Preprocess{Rows: 4, Cols: 4, Channels: 3}}
	img := image.NewRGBA(image.Rect(0, 0, 4, 4))
	img.Set(1, 2, color.RGBA{200, 100, 50, 255})
	if got, err := m.Classify(img); err != nil || got != expected(t, m, img)[0] {
		t.Errorf("prediction %+v, error %v, want %+v", got, err, expected(t, m, img))
	}
}

// TestConcurrent shares a model among goroutines.
func TestConcurrent(t *testing.T) {
	m := small(t, 1)
	m.Names, m.Labels = nil, []int{700, 800, 900}
	all := pictures(24)
	want, err := m.ClassifyAll(nil, all)
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for g := range 8 {
		wait.Go(func() {
			for i := range 100 {
				k := (i*7 + g) % len(all)
				if got, err := m.Classify(all[k]); err != nil || got != want[k] {
					t.Errorf("picture %d: %+v, error %v, want %+v", k, got, err, want[k])
				}
			}
			if got, err := m.ClassifyAll(nil, all); err != nil || !slices.Equal(got, want) {
				t.Errorf("all: %+v, error %v, want %+v", got, err, want)
			}
		})
	}
	wait.Wait()
}

// TestNoAllocation also has labels whose digits take memory. The collector is
// kept from emptying the pools.
func TestNoAllocation(t *testing.T) {
	if testkit.Race {
		t.Skip("the race detector empties pools at random")
	}
	m := small(t, 1)
	m.Names, m.Labels = nil, []int{700, 800, 900}
	all := pictures(11)
	img := all[3]
	var dst []Prediction
	var err error
	for name, call := range map[string]func(){
		"Classify":    func() { _, err = m.Classify(img) },
		"TopK":        func() { dst, err = m.TopK(dst[:0], img, 3) },
		"ClassifyAll": func() { dst, err = m.ClassifyAll(dst[:0], all) },
	} {
		if n := testing.AllocsPerRun(100, call); n != 0 || err != nil {
			t.Errorf("%s: %v allocations, error %v", name, n, err)
		}
	}
}

// TestAfterCollection goes on when the collector has taken the workspaces.
func TestAfterCollection(t *testing.T) {
	m := small(t, 1)
	want, err := m.Classify(picture(1))
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.GC()
	if got, err := m.Classify(picture(1)); err != nil || got != want {
		t.Errorf("prediction %+v, error %v, want %+v", got, err, want)
	}
}

// panicking is an image that cannot be read.
type panicking struct{ image.Image }

func (panicking) At(x, y int) color.Color { panic(errBroken) }

// TestPanickingImage leaves the model usable.
func TestPanickingImage(t *testing.T) {
	m := small(t, 1)
	func() {
		defer func() {
			if r := recover(); r != errBroken {
				t.Errorf("want the image's panic, have %v", r)
			}
		}()
		m.Classify(panicking{picture(1)})
	}()
	if got, err := m.Classify(picture(1)); err != nil || got != expected(t, m, picture(1))[0] {
		t.Errorf("prediction %+v, error %v", got, err)
	}
}
