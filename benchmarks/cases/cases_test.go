package cases

import (
	"strings"
	"testing"
)

func TestKeys(t *testing.T) {
	seen := make(map[string]bool)
	for _, key := range Keys(2) {
		if seen[key] {
			t.Errorf("%s is there twice", key)
		}
		seen[key] = true
	}
	clear(seen)
	for _, c := range All(1) {
		key := c.Key()
		if seen[key] {
			t.Errorf("%s is there twice", key)
		}
		seen[key] = true
		if strings.ContainsAny(key, " \t") || !strings.HasPrefix(key, "op=") {
			t.Errorf("%q is no key", key)
		}
		for _, n := range c.Numbers() {
			if n < 0 {
				t.Errorf("%s has the number %d", key, n)
			}
		}
	}
	for _, p := range LeNetDense(32) {
		if !seen[p.Key()] {
			t.Errorf("%s is not measured", p.Key())
		}
	}
	if want := "op=conv2d/pass=fwd/shape=lenet2/batch=32/impl=onednn/workers=1"; Name(LeNetConvs()[2].Key(), "onednn", 1) != want {
		t.Errorf("lenet2 is named %s, want %s", Name(LeNetConvs()[2].Key(), "onednn", 1), want)
	}
}

// TestConvFLOPs counts the taps that lie inside the image one by one.
func TestConvFLOPs(t *testing.T) {
	for _, c := range Convs() {
		taps := 0
		for y := -c.Pad; y+c.Size <= c.H+c.Pad; y += c.Stride {
			for x := -c.Pad; x+c.Size <= c.W+c.Pad; x += c.Stride {
				for r := y; r < y+c.Size; r++ {
					for q := x; q < x+c.Size; q++ {
						if 0 <= r && r < c.H && 0 <= q && q < c.W {
							taps++
						}
					}
				}
			}
		}
		if want := 2 * float64(c.Batch*c.C*c.Filters*taps) / float64(max(1, c.Groups)); c.FLOPs() != want {
			t.Errorf("%s takes %v FLOPs, want %v", c.Key(), c.FLOPs(), want)
		}
	}
}

func TestLeNetFLOPs(t *testing.T) {
	if got := LeNetFLOPs(); got != 2_263_920 {
		t.Errorf("a step takes %v FLOPs an image, want 2,263,920", got)
	}
}

func TestTraffic(t *testing.T) {
	for _, e := range Elementwises() {
		if e.Touched() <= 0 || e.Traffic() < e.Touched() {
			t.Errorf("%s touches %d bytes and moves %d", e.Key(), e.Touched(), e.Traffic())
		}
	}
	for _, c := range []struct {
		op   Elementwise
		want int
	}{
		{Elementwise{MaxPool, Forward, 8, 6, 28, 28}, 4 * 8 * 6 * (28*28 + 14*14)},
		{Elementwise{MaxPool3, Backward, 8, 6, 28, 28}, 4 * 8 * 6 * (2*28*28 + 14*14)},
		{Elementwise{AveragePool3, Forward, 8, 6, 29, 29}, 4 * 8 * 6 * (29*29 + 15*15)},
		{Elementwise{GlobalAverage, Backward, 32, 5, 7, 7}, 4 * 32 * 5 * (7*7 + 1)},
		{Elementwise{BatchNorm, Backward, 32, 5, 7, 7}, 4 * 32 * 5 * 7 * 7 * 5},
	} {
		if got := c.op.Traffic(); got != c.want {
			t.Errorf("%s moves %d bytes, want %d", c.op.Key(), got, c.want)
		}
	}
}
