package figure

import (
	"math"
	"testing"
)

func TestBlocks(t *testing.T) {
	image := []float32{
		0, 0, 0, 0,
		0, 1, .9, 0,
		0, 0, .6, 0,
		0, .2, .8, 0,
	}
	if got, want := Blocks(image, 4), "▀█\n ▀\n"; got != want {
		t.Errorf("have\n%swant\n%s", got, want)
	}
	if got := Blocks(make([]float32, 4), 2); got != "" {
		t.Errorf("an empty image is %q", got)
	}
	if got := Blocks([]float32{0, 0, 0, 1}, 2); got != "▀\n" {
		t.Errorf("an odd line at the end is %q", got)
	}
	if got := Blocks([]float32{0, 1, 1, 0}, 2); got != "▄▀\n" {
		t.Errorf("a diagonal is %q", got)
	}
}

func TestSparkline(t *testing.T) {
	for _, c := range []struct {
		values []float64
		width  int
		log    bool
		want   string
	}{
		{[]float64{0, 1, 2, 3, 4, 5, 6, 7}, 10, false, "▁▂▃▄▅▆▇█"},
		{[]float64{0, 0, 1, 1}, 2, false, "▁█"},
		{[]float64{100, 10, 1}, 3, true, "█▅▁"},
		{[]float64{3, 3}, 2, false, "▁▁"},
		{[]float64{1, 0}, 2, true, "█▁"},
		{nil, 5, false, ""},
	} {
		if got := Sparkline(c.values, c.width, c.log); got != c.want {
			t.Errorf("%v: have %q, want %q", c.values, got, c.want)
		}
	}
}

func TestBar(t *testing.T) {
	for share, want := range map[float64]string{0: "", 1: "████", 0.5: "██", 0.25 / 4: "▎", 0.975: "███▉", -1: "", math.Inf(1): "████"} {
		if got := Bar(share, 4); got != want {
			t.Errorf("%v: have %q, want %q", share, got, want)
		}
	}
}

func TestBeside(t *testing.T) {
	if got, want := Beside("█\n██\n", "a\nb\nc\n"), "█    a\n██   b\n     c\n"; got != want {
		t.Errorf("have\n%swant\n%s", got, want)
	}
}
