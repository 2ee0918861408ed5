package metrics_test

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/simdlanes/lanes/net/metrics"
)

// golden is what testdata/sklearn/make.py writes.
type golden struct {
	Cases []struct {
		Name                  string
		Classes               int
		Labels, Predicted     []int
		Confusion             [][]int
		Accuracy              float64
		Precision, Recall, F1 []float64
		Support               []int
		Macro, Micro          [3]float64 // precision, recall, F1
		Weighted              [3]float64
	}
	Top []struct {
		Classes, K int
		Labels     []int
		Scores     []float32
		Accuracy   float64
	}
}

func load(t *testing.T) (g golden) {
	t.Helper()
	text, err := os.ReadFile("testdata/sklearn/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	if len(g.Cases) < 9 || len(g.Top) < 4 {
		t.Fatal("cases are missing")
	}
	return g
}

// near reports whether two numbers differ by no more than a few roundings.
func near(a, b float64) bool { return math.Abs(a-b) <= 1e-15 }

func checkScores(t *testing.T, name string, have metrics.Scores, precision, recall, f1 float64, support int) {
	t.Helper()
	if !near(have.Precision, precision) || !near(have.Recall, recall) || !near(have.F1, f1) || have.Support != support {
		t.Errorf("%s: have %+v, want precision %v, recall %v, F1 %v, support %d", name, have, precision, recall, f1, support)
	}
}

func TestConfusionGolden(t *testing.T) {
	for _, g := range load(t).Cases {
		c, err := metrics.NewConfusion(g.Labels, g.Predicted, g.Classes)
		if err != nil {
			t.Fatalf("%s: %v", g.Name, err)
		}
		if have := c.Counts(); !reflect.DeepEqual(have, g.Confusion) {
			t.Errorf("%s: have matrix %v, want %v", g.Name, have, g.Confusion)
		}
		if c.Classes() != g.Classes {
			t.Errorf("%s: have %d classes, want %d", g.Name, c.Classes(), g.Classes)
		}
		for class := range g.Classes {
			checkScores(t, g.Name, c.Class(class), g.Precision[class], g.Recall[class], g.F1[class], g.Support[class])
			for other := range g.Classes {
				if have := c.Count(class, other); have != g.Confusion[class][other] {
					t.Errorf("%s: have count %d of %d as %d, want %d", g.Name, have, class, other, g.Confusion[class][other])
				}
			}
		}
		n := len(g.Labels)
		checkScores(t, g.Name+", macro", c.Macro(), g.Macro[0], g.Macro[1], g.Macro[2], n)
		checkScores(t, g.Name+", micro", c.Micro(), g.Micro[0], g.Micro[1], g.Micro[2], n)
		checkScores(t, g.Name+", weighted", c.Weighted(), g.Weighted[0], g.Weighted[1], g.Weighted[2], n)
		accuracy, err := metrics.Accuracy(g.Labels, g.Predicted)
		if err != nil || accuracy != g.Accuracy || c.Accuracy() != g.Accuracy {
			t.Errorf("%s: have accuracy %v and %v, error %v, want %v", g.Name, accuracy, c.Accuracy(), err, g.Accuracy)
		}
	}
}

func TestTopKGolden(t *testing.T) {
	for _, g := range load(t).Top {
		have, err := metrics.TopK(g.Labels, g.Scores, g.K)
		if err != nil || have != g.Accuracy {
			t.Errorf("top %d of %d: have %v, error %v, want %v", g.K, g.Classes, have, err, g.Accuracy)
		}
	}
}

// TestTopKTies wants the first of equal scores to come first, and NaN last.
func TestTopKTies(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		scores []float32
		order  []int // of the classes
	}{
		{[]float32{1, 1, 1}, []int{0, 1, 2}},
		{[]float32{1, 2, 2}, []int{1, 2, 0}},
		{[]float32{nan, 2, 2}, []int{1, 2, 0}},
		{[]float32{5, nan, 7}, []int{2, 0, 1}},
		{[]float32{nan, nan, -1}, []int{2, 0, 1}},
		{[]float32{nan, nan, nan}, []int{0, 1, 2}},
		{[]float32{0, float32(math.Copysign(0, -1)), 0}, []int{0, 1, 2}},
		{[]float32{float32(math.Inf(-1)), nan, float32(math.Inf(1))}, []int{2, 0, 1}},
	} {
		for place, class := range c.order {
			for k := 1; k <= 3; k++ {
				want := 0.0
				if place < k {
					want = 1
				}
				have, err := metrics.TopK([]int{class}, c.scores, k)
				if err != nil || have != want {
					t.Errorf("%v: class %d in the top %d: have %v, error %v, want %v", c.scores, class, k, have, err, want)
				}
			}
		}
	}
}

func TestErrors(t *testing.T) {
	confusion := func(labels, predicted []int, classes int) error {
		c, err := metrics.NewConfusion(labels, predicted, classes)
		if err != nil && c != nil {
			t.Error("a matrix comes with an error")
		}
		return err
	}
	accuracy := func(labels, predicted []int) error { _, err := metrics.Accuracy(labels, predicted); return err }
	top := func(labels []int, scores []float32, k int) error {
		_, err := metrics.TopK(labels, scores, k)
		return err
	}
	for name, c := range map[string]struct{ have, want error }{
		"no examples":          {confusion(nil, nil, 2), metrics.ErrLength},
		"more labels":          {confusion([]int{0, 1}, []int{0}, 2), metrics.ErrLength},
		"more predictions":     {confusion([]int{0}, []int{0, 1}, 2), metrics.ErrLength},
		"no classes":           {confusion([]int{0}, []int{0}, 0), metrics.ErrOption},
		"negative classes":     {confusion([]int{0}, []int{0}, -1), metrics.ErrOption},
		"many classes":         {confusion([]int{0}, []int{0}, math.MaxInt), metrics.ErrOption},
		"label too large":      {confusion([]int{2}, []int{0}, 2), metrics.ErrClass},
		"label negative":       {confusion([]int{-1}, []int{0}, 2), metrics.ErrClass},
		"prediction too large": {confusion([]int{0}, []int{2}, 2), metrics.ErrClass},
		"prediction negative":  {confusion([]int{0}, []int{-1}, 2), metrics.ErrClass},
		"accuracy of nothing":  {accuracy(nil, nil), metrics.ErrLength},
		"accuracy of more":     {accuracy([]int{1, 2}, []int{1}), metrics.ErrLength},
		"top of nothing":       {top(nil, nil, 1), metrics.ErrLength},
		"top without scores":   {top([]int{0}, nil, 1), metrics.ErrLength},
		"top without labels":   {top(nil, []float32{1}, 1), metrics.ErrLength},
		"top ragged":           {top([]int{0, 0}, []float32{1, 2, 3}, 1), metrics.ErrLength},
		"top 0":                {top([]int{0}, []float32{1, 2}, 0), metrics.ErrOption},
		"top of too many":      {top([]int{0}, []float32{1, 2}, 3), metrics.ErrOption},
		"top of no class":      {top([]int{2}, []float32{1, 2}, 1), metrics.ErrClass},
		"top of a negative":    {top([]int{-1}, []float32{1, 2}, 1), metrics.ErrClass},
	} {
		if !errors.Is(c.have, c.want) {
			t.Errorf("%s: have %v, want %v", name, c.have, c.want)
		}
	}
}

// TestOutOfRange asks for classes that are none, and everything of a matrix that
// nobody made.
func TestOutOfRange(t *testing.T) {
	c, err := metrics.NewConfusion([]int{0, 1}, []int{0, 1}, 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, class := range []int{-1, 2} {
		if c.Count(class, 0) != 0 || c.Count(0, class) != 0 || c.Class(class) != (metrics.Scores{}) {
			t.Errorf("class %d has counts or scores", class)
		}
	}
	var zero metrics.Confusion
	none := metrics.Scores{}
	if zero.Accuracy() != 0 || zero.Macro() != none || zero.Micro() != none || zero.Weighted() != none || len(zero.Counts()) != 0 {
		t.Error("the zero Confusion has scores")
	}
	if zero.String() == "" || zero.Report() == "" {
		t.Error("the zero Confusion has no tables")
	}
}

// TestTables wants columns to line up, whatever the names.
func TestTables(t *testing.T) {
	c, err := metrics.NewConfusion([]int{0, 1, 2, 2}, []int{0, 1, 1, 2}, 3)
	if err != nil {
		t.Fatal(err)
	}
	c.Names = []string{"Schlüssel", "", "two\nlines"}
	for _, text := range []string{c.String(), c.Report()} {
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		for _, line := range lines {
			if n := len([]rune(line)); n != len([]rune(lines[0])) {
				t.Errorf("a line of %d characters below one of %d:\n%s", n, len([]rune(lines[0])), text)
			}
		}
		for _, want := range []string{"Schlüssel ", "\n1 ", "two lines"} {
			if !strings.Contains(text, want) {
				t.Errorf("want %q in\n%s", want, text)
			}
		}
	}
	c.Names = []string{"a", "b", "c", "d"} // one too many
	if !strings.HasSuffix(c.String(), "c                  0  1  1\n") {
		t.Errorf("have\n%s", c)
	}
}

// TestCountsIsCopy changes what Counts returned.
func TestCountsIsCopy(t *testing.T) {
	c, err := metrics.NewConfusion([]int{0}, []int{0}, 1)
	if err != nil {
		t.Fatal(err)
	}
	c.Counts()[0][0] = 9
	if c.Count(0, 0) != 1 {
		t.Error("the matrix changed")
	}
}
