package figure

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"math"
	"strings"
	"testing"
)

// course is a training of a number of steps and epochs.
func course(steps, epochs int) (c Curves) {
	c.Tested = "test digits"
	for i := range steps {
		c.Losses = append(c.Losses, 2.3*math.Exp(-float64(i)/50)+0.1*math.Abs(math.Sin(float64(i))))
	}
	for e := range epochs {
		c.Ends = append(c.Ends, (e+1)*steps/epochs)
		c.Validation = append(c.Validation, 1/float64(e+1))
		c.Accuracy = append(c.Accuracy, 1-0.1/float64(e+1))
	}
	return c
}

var charts = map[string]Chart{
	"curves":          course(1000, 5),
	"one step":        course(1, 1),
	"many epochs":     course(300, 100),
	"before the end":  Curves{Losses: []float64{2, 1, 0.5}},
	"broken off":      Curves{Losses: course(30, 1).Losses, Ends: []int{20}},
	"empty epoch":     Curves{Losses: course(30, 1).Losses, Ends: []int{20, 20}},
	"no steps":        Curves{},
	"without a test":  Curves{Losses: []float64{2, 1}, Ends: []int{2}},
	"odd numbers":     Curves{Losses: []float64{0, math.SmallestNonzeroFloat64, 1e30}, Ends: []int{3}, Validation: []float64{0}, Accuracy: []float64{0}},
	"all right":       Curves{Losses: []float64{1}, Ends: []int{1}, Validation: []float64{1}, Accuracy: []float64{1}},
	"confusion":       Confusion{"two", [][]int{{9, 1}, {0, 7}}, []string{"a", "<&>"}},
	"no mistakes":     Confusion{"one", [][]int{{3}}, []string{"a"}},
	"class not there": Confusion{"", [][]int{{3, 0}, {0, 0}}, []string{"a", "b"}},
	"many classes":    Confusion{"many", make([][]int, 20), strings.Fields(strings.Repeat("x ", 20))},
}

// repeats are how often else charts are drawn.
var repeats = map[string]int{"curves": 1, "confusion": 1}

// TestCharts wants PNG of the right size and well-formed SVG with the texts in it,
// the same bytes each time.
func TestCharts(t *testing.T) {
	for name, c := range charts {
		var first []byte
		for range repeats[name] + 1 {
			var pixels, lines bytes.Buffer
			if err := errors.Join(WritePNG(&pixels, c), WriteSVG(&lines, c)); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			img, err := png.Decode(bytes.NewReader(pixels.Bytes()))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			width, height := c.size()
			if b := img.Bounds(); b.Dx() != int(width/72*chartDPI+0.5) || b.Dy() != int(height/72*chartDPI+0.5) {
				t.Errorf("%s: %v pixels for %v x %v points", name, b, width, height)
			}
			wellFormed(t, name, lines.Bytes())
			both := append(pixels.Bytes(), lines.Bytes()...)
			if first == nil {
				first = both
			}
			if !bytes.Equal(both, first) {
				t.Errorf("%s: other bytes each time", name)
			}
		}
	}
}

func wellFormed(t *testing.T, name string, svg []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(svg))
	elements := 0
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%s: SVG is not well-formed: %v", name, err)
		}
		if s, ok := token.(xml.StartElement); ok {
			elements++
			for _, a := range s.Attr {
				if strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf") {
					t.Errorf("%s: %s has %s=%q", name, s.Name.Local, a.Name.Local, a.Value)
				}
			}
		}
	}
	if elements < 10 {
		t.Errorf("%s: SVG has %d elements", name, elements)
	}
}

// TestChartTexts wants what a chart says to be in it.
func TestChartTexts(t *testing.T) {
	for chart, texts := range map[string][]string{
		"curves":    {"Loss", "training, mean of 7 steps", ">test digits<", "% of the test digits", "Accuracy: 98.00 % in the end", "epoch"},
		"one step":  {"training, each step"},
		"confusion": {"two", "predicted", "label", "font-family:Liberation Sans,Arial,", "90.0 %", "100.0 %", ">9<", ">7<", ">1<"},
	} {
		var b bytes.Buffer
		if err := WriteSVG(&b, charts[chart]); err != nil {
			t.Fatal(err)
		}
		for _, text := range texts {
			if !strings.Contains(b.String(), text) {
				t.Errorf("%s: no %q", chart, text)
			}
		}
	}
}

func TestWriteError(t *testing.T) {
	for _, write := range []func(io.Writer, Chart) error{WritePNG, WriteSVG} {
		if err := write(full{}, charts["one step"]); !errors.Is(err, errFull) {
			t.Errorf("want the writer's error, have %v", err)
		}
	}
}

var errFull = errors.New("full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

// TestEpochs wants steps to be placed by the epochs that they belong to.
func TestEpochs(t *testing.T) {
	c := Curves{Losses: make([]float64, 35), Ends: []int{10, 30}}
	for steps, want := range map[float64]float64{0: 0, 5: 0.5, 10: 1, 20: 1.5, 30: 2, 35: 2.25} {
		if got := c.epoch(steps); got != want {
			t.Errorf("%v steps are %v epochs, want %v", steps, got, want)
		}
	}
	if got := c.epochs(); got != 3 {
		t.Errorf("%d epochs, want 3", got)
	}
}

// TestTicks wants a few round numbers whatever the range.
func TestTicks(t *testing.T) {
	for _, r := range [][2]float64{{0, 1}, {97.42, 99.28}, {0, 100}, {9.7, 99.3}, {99.2, 99.5}} {
		var labels []string
		for _, tick := range (roundTicks{}).Ticks(r[0], r[1]) {
			labels = append(labels, tick.Label)
			if tick.Value < r[0] || tick.Value > r[1] {
				t.Errorf("%v: tick at %v", r, tick.Value)
			}
		}
		if n := len(labels); n < 3 || n > 11 {
			t.Errorf("%v: ticks at %v", r, labels)
		}
	}
	if got := fmt.Sprint(logTicks{}.Ticks(0.04, 3)); strings.Count(got, "{") != 6 {
		t.Errorf("have %v, want 0.05, 0.1, 0.2, 0.5, 1, 2", got)
	}
}

// TestStepsPerPoint wants few points for many steps, and a mean of some steps where
// there are enough.
func TestStepsPerPoint(t *testing.T) {
	for steps, want := range map[int]int{1: 1, 9: 1, 30: 3, 250: 5, 750: 5, 751: 6, 1000: 7, 37500: 250} {
		if got := stepsPerPoint(steps); got != want {
			t.Errorf("%d steps: a point has %d, want %d", steps, got, want)
		}
	}
}

// TestRoom wants an axis of one per cent at least, within those there are.
func TestRoom(t *testing.T) {
	for have, want := range map[[2]float64][2]float64{
		{96.75, 96.75}: {96.25, 97.25}, {98, 98.5}: {97.75, 98.75}, {97, 99}: {96.8, 99.2}, {99.9, 100}: {99.45, 100}, {0, 100}: {0, 100},
	} {
		lo, hi := room(have[0], have[1])
		if math.Abs(lo-want[0])+math.Abs(hi-want[1]) > 1e-9 {
			t.Errorf("%v: axis from %v to %v, want %v", have, lo, hi, want)
		}
	}
}
