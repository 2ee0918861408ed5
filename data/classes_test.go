package data_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/simdlanes/lanes/data"
	"github.com/simdlanes/lanes/internal/fewdigits"
	"github.com/simdlanes/lanes/internal/testkit"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/mnist"
	"github.com/simdlanes/lanes/net"
)

// numbered is examples of one value, their number, with labels.
func numbered(labels ...int) net.Examples {
	e := net.Examples{Labels: labels}
	for i := range labels {
		e.Images = append(e.Images, float32(i))
	}
	return e
}

// labelsOf reads all labels of d, and wants its method Labels to say the same.
func labelsOf(t *testing.T, d net.Dataset) []int {
	t.Helper()
	var indices []int
	for i := range d.Len() {
		indices = append(indices, i)
	}
	_, labels := read(t, d, indices...)
	if told := d.(interface{ Labels() []int }).Labels(); !slices.Equal(told, labels) {
		t.Errorf("read labels %v, told %v", labels, told)
	}
	return labels
}

func TestClasses(t *testing.T) {
	for _, c := range []struct{ labels, classes, want []int }{
		{[]int{3, 7, 7, 3}, []int{3, 7}, []int{0, 1, 1, 0}},
		{[]int{7, 3}, []int{3, 7}, []int{1, 0}},
		{[]int{0, 1, 2}, []int{0, 1, 2}, []int{0, 1, 2}},
		{[]int{1, -1, 1}, []int{-1, 1}, []int{1, 0, 1}},
		{[]int{5}, []int{5}, []int{0}},
		{[]int{math.MaxInt, math.MinInt, 0}, []int{math.MinInt, 0, math.MaxInt}, []int{2, 0, 1}},
	} {
		given := numbered(c.labels...)
		d, classes, err := data.Classes(given)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(classes, c.classes) {
			t.Errorf("%v: have classes %v, want %v", c.labels, classes, c.classes)
		}
		if have := labelsOf(t, d); !slices.Equal(have, c.want) {
			t.Errorf("%v: have labels %v, want %v", c.labels, have, c.want)
		}
		x, labels := read(t, d, len(c.labels)-1, 0)
		if x[0] != float32(len(c.labels)-1) || x[1] != 0 || labels[1] != c.want[0] {
			t.Errorf("%v: in reverse, have %v with labels %v", c.labels, x, labels)
		}
		if !slices.Equal(given.Labels, c.labels) {
			t.Errorf("%v: the labels given are now %v", c.labels, given.Labels)
		}
	}
}

func TestApplyClasses(t *testing.T) {
	d, err := data.ApplyClasses(numbered(7, 7, 3), []int{3, 5, 7})
	if err != nil {
		t.Fatal(err)
	}
	if have := labelsOf(t, d); !slices.Equal(have, []int{2, 2, 0}) {
		t.Errorf("have labels %v", have)
	}
	_, err = data.ApplyClasses(numbered(7, 4, 3), []int{3, 5, 7})
	if !errors.Is(err, net.ErrLabel) || !strings.Contains(fmt.Sprint(err), "example 1: label is not a class: label 4") {
		t.Errorf("a label of no class: have %v", err)
	}
	if _, err := data.ApplyClasses(numbered(3), []int{3, 3}); !errors.Is(err, net.ErrLabel) {
		t.Errorf("a label twice: have %v", err)
	}
}

func TestApplyClassesSeq(t *testing.T) {
	text := "7,1\n3,2\n7,3\n"
	table := func() net.Seq { return csvText(text, data.CSV{NoHeader: true}) }
	seq, err := data.ApplyClassesSeq(table(), []int{3, 7})
	if err != nil {
		t.Fatal(err)
	}
	for epoch := range 2 {
		e, err := data.Collect(seq(epoch))
		if err != nil || !slices.Equal(e.Labels, []int{1, 0, 1}) || !slices.Equal(e.Images, []float32{1, 2, 3}) {
			t.Errorf("epoch %d: have %v, %v", epoch, e, err)
		}
	}
	seq, err = data.ApplyClassesSeq(table(), []int{7})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, err := range seq(0) {
		if n++; n == 2 && !errors.Is(err, net.ErrLabel) || n != 2 && err != nil || n > 2 {
			t.Errorf("example %d: have %v", n-1, err)
		}
	}
	if _, err := data.Collect(seq(0)); strings.Count(fmt.Sprint(err), "example") != 1 {
		t.Errorf("the example is not named once: %v", err)
	}
	seq, err = data.ApplyClassesSeq(csvText("7,x\n", data.CSV{NoHeader: true}), []int{7})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := data.Collect(seq(0)); !errors.Is(err, data.ErrFormat) {
		t.Errorf("have %v, want the error of the sequence", err)
	}
	if _, err := data.ApplyClassesSeq(table(), []int{7, 7}); !errors.Is(err, net.ErrLabel) {
		t.Errorf("a label twice: have %v", err)
	}
	if _, err := data.ApplyClassesSeq(nil, []int{7}); !errors.Is(err, net.ErrData) {
		t.Errorf("no Seq: have %v", err)
	}
}

// fewLabels is a Dataset that knows the labels of some examples.
type fewLabels struct{ claimed }

func (fewLabels) Labels() []int { return []int{1} }

func TestClassesErrors(t *testing.T) {
	distinct := upTo(data.MaxClasses + 1)
	unlabelled := &mnist.Set{Rows: 1, Cols: 1, Pixels: make([]uint8, 3)}
	for name, d := range map[string]net.Dataset{
		"nil": nil, "empty": net.Examples{}, "unknown labels": claimed(3), "few labels": fewLabels{3},
		"unlabelled": unlabelled.Examples(mnist.Unit), "many labels": numbered(distinct...),
	} {
		if c, labels, err := data.Classes(d); !errors.Is(err, net.ErrData) || c != nil || labels != nil {
			t.Errorf("%s: have %v, %v, %v", name, c, labels, err)
		}
		if name == "empty" || name == "many labels" {
			continue
		}
		if c, err := data.ApplyClasses(d, []int{1}); !errors.Is(err, net.ErrData) || c != nil {
			t.Errorf("%s, applied: have %v, %v", name, c, err)
		}
	}
	if _, labels, err := data.Classes(numbered(distinct[1:]...)); err != nil || len(labels) != data.MaxClasses {
		t.Errorf("have %d classes, error %v", len(labels), err)
	}
	for _, given := range []net.Dataset{numbered(1, 2, 3), lenient{}} {
		d, _, err := data.Classes(given)
		if err != nil {
			t.Fatal(err)
		}
		err = d.Read(make([]float32, 1), make([]int, 1), []int{3})
		if !errors.Is(err, net.ErrData) {
			t.Errorf("%T: example 3 of 3: have %v", given, err)
		}
	}
}

// lenient is a Dataset of three examples that reads any number of any.
type lenient struct{}

func (lenient) Len() int                           { return 3 }
func (lenient) Labels() []int                      { return []int{1, 2, 3} }
func (lenient) Read([]float32, []int, []int) error { return nil }

// TestClassesOfPointer wants net.Examples by its address too.
func TestClassesOfPointer(t *testing.T) {
	e := numbered(9, 8)
	if d, _, err := data.Classes(&e); err != nil || !slices.Equal(labelsOf(t, d), []int{1, 0}) {
		t.Errorf("have %v, %v", d, err)
	}
}

// digits is n MNIST digits without pixels worth mentioning.
func digits(t *testing.T, n int) net.Dataset {
	t.Helper()
	set := fewdigits.Slice(t, 0, n)
	e := net.Examples{}
	for i := range n {
		e.Images = append(e.Images, float32(i))
		e.Labels = append(e.Labels, int(set.Labels[i]))
	}
	return e
}

// unlabelled hides all but a Dataset's methods.
type unlabelled struct{ net.Dataset }

func TestSplit(t *testing.T) {
	d := digits(t, 1000)
	all := make([]int, 10)
	values, labels := read(t, d, upTo(1000)...)
	for _, l := range labels {
		all[l]++
	}
	for name, d := range map[string]net.Dataset{"by label": d, "at random": unlabelled{d}} {
		for _, share := range []float64{0.001, 0.1, 0.25, 1.0 / 3, 0.5, 0.9, 0.999} {
			train, held, err := data.Split(d, share, 1)
			if err != nil {
				t.Fatalf("%s, %v: %v", name, share, err)
			}
			a, _ := read(t, train, upTo(train.Len())...)
			b, labels := read(t, held, upTo(held.Len())...)
			if want := int(math.RoundToEven(share * 1000)); len(b) != want {
				t.Errorf("%s, %v: %d are held, want %d", name, share, len(b), want)
			}
			if !slices.IsSorted(a) || !slices.IsSorted(b) {
				t.Errorf("%s, %v: the order has changed", name, share)
			}
			if both := slices.Sorted(slices.Values(slices.Concat(a, b))); !slices.Equal(both, values) {
				t.Errorf("%s, %v: the parts are not disjoint, or not all", name, share)
			}
			count := make([]float64, 10)
			for _, l := range labels {
				count[l]++
			}
			for l := range all {
				if name == "by label" && math.Abs(count[l]-share*float64(all[l])) > 1 {
					t.Errorf("%v: %v of %d with label %d are held", share, count[l], all[l], l)
				}
			}
		}
	}
}

// TestSplitSeed wants the seed, and nothing else, to choose.
func TestSplitSeed(t *testing.T) {
	d := numbered(slices.Repeat([]int{4, 5, 5, 6}, 5)...)
	held := func(d net.Dataset, seed uint64) []float32 {
		_, held, err := data.Split(d, 0.25, seed)
		if err != nil {
			t.Fatal(err)
		}
		x, _ := read(t, held, upTo(held.Len())...)
		return x
	}
	if have, want := held(d, 1), []float32{7, 9, 10, 12, 19}; !slices.Equal(have, want) {
		t.Errorf("seed 1 holds %v, want %v", have, want)
	}
	if have, want := held(unlabelled{d}, 1), []float32{0, 3, 4, 10, 16}; !slices.Equal(have, want) {
		t.Errorf("without labels, seed 1 holds %v, want %v", have, want)
	}
	if !slices.Equal(held(d, 2), held(d, 2)) {
		t.Error("the same seed chooses differently")
	}
	seen := make([]int, d.Len())
	for seed := range uint64(400) {
		for _, i := range held(d, seed) {
			seen[int(i)]++
		}
	}
	if slices.Min(seen) < 60 || slices.Max(seen) > 140 { // 100, and four and a half standard deviations
		t.Errorf("400 seeds chose %v", seen)
	}
}

func TestSplitErrors(t *testing.T) {
	for name, c := range map[string]struct {
		d     net.Dataset
		share float64
		want  error
	}{
		"nil":      {nil, 0.5, net.ErrData},
		"empty":    {net.Examples{}, 0.5, net.ErrData},
		"one":      {numbered(1), 0.5, net.ErrData},
		"few":      {numbered(1, 2, 3), 0.1, net.ErrData},
		"most":     {numbered(1, 2, 3), 0.9, net.ErrData},
		"nothing":  {numbered(1, 2, 3), 0, layer.ErrOption},
		"all":      {numbered(1, 2, 3), 1, layer.ErrOption},
		"negative": {numbered(1, 2, 3), -0.5, layer.ErrOption},
		"NaN":      {numbered(1, 2, 3), math.NaN(), layer.ErrOption},
	} {
		if train, held, err := data.Split(c.d, c.share, 1); !errors.Is(err, c.want) || train != nil || held != nil {
			t.Errorf("%s: have %v, %v, %v, want %v", name, train, held, err, c.want)
		}
	}
}

func TestSubset(t *testing.T) {
	indices := []int{2, 0, 2}
	d, err := data.Subset(numbered(5, 6, 7), indices)
	if err != nil {
		t.Fatal(err)
	}
	indices[0] = 99
	x, labels := read(t, d, 2, 1, 0)
	if d.Len() != 3 || !slices.Equal(x, []float32{2, 0, 2}) || !slices.Equal(labels, []int{7, 5, 7}) {
		t.Errorf("have %d, %v, %v", d.Len(), x, labels)
	}
	labelsOf(t, d)
	checkReadErrors(t, d)
	again, err := data.Subset(d, []int{1})
	if err != nil || !slices.Equal(labelsOf(t, again), []int{5}) {
		t.Errorf("a subset of a subset: have %v, %v", again, err)
	}
	for _, indices := range [][]int{{-1}, {0, 3}} {
		if d, err := data.Subset(numbered(5, 6, 7), indices); !errors.Is(err, net.ErrData) || d != nil {
			t.Errorf("%v: have %v, %v", indices, d, err)
		}
	}
	if d, err := data.Subset(nil, nil); !errors.Is(err, net.ErrData) || d != nil {
		t.Errorf("nil: have %v, %v", d, err)
	}
	d, err = data.Subset(unlabelled{numbered(5, 6, 7)}, []int{1})
	if err != nil || d.(interface{ Labels() []int }).Labels() != nil {
		t.Errorf("without labels: have %v, %v", d, err)
	}
	one := []int{0}
	if n := testing.AllocsPerRun(10, func() { d.Read(x[:1], labels[:1], one) }); n != 0 && !testkit.Race {
		t.Errorf("Read: %v allocations", n)
	}
}
