package layer_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/simdlanes/lanes/internal/testkit"
	"github.com/simdlanes/lanes/layer"
)

// The numbers locked in this file are the same on every machine. To change
// them changes every training: do it in a commit of its own that says so.

func TestStreamLocked(t *testing.T) {
	for _, c := range []struct {
		seed    uint64
		purpose string
		index   uint64
		want    [2]uint64
	}{
		{0, "", 0, [2]uint64{0xac8a366dce7e87d9, 0x6bc727c69e416f1a}},
		{1, "init", 0, [2]uint64{0x9c0d082676266462, 0x2280708d895fc387}},
		{1, "init", 7, [2]uint64{0xbcb65524841bb993, 0x4208558f9da9835d}},
		{math.MaxUint64, "shuffle", math.MaxUint64, [2]uint64{0xe3ec4dd8cf2dcd78, 0x6bc416e1c2eccf77}},
		{1, "a purpose of more than sixteen bytes", 0, [2]uint64{0x1e77df53dd6ff150, 0x2c0648af581a3497}},
	} {
		r := layer.Stream(c.seed, c.purpose, c.index)
		if got := [2]uint64{r.Uint64(), r.Uint64()}; got != c.want {
			t.Errorf("Stream(%d, %q, %d): want %#x, have %#x", c.seed, c.purpose, c.index, c.want, got)
		}
	}
}

// TestStreamDependsOnAllArguments draws from streams that differ little, in
// turns: all are different, and each is what it is when it is drawn alone.
func TestStreamDependsOnAllArguments(t *testing.T) {
	type key struct {
		seed    uint64
		purpose string
		index   uint64
	}
	keys := []key{
		{0, "init", 0}, {1, "init", 0}, {1 << 63, "init", 0}, {0, "init", 1}, {0, "init", 1 << 63},
		{0, "inits", 0}, {0, "shuffle", 0}, {0, "", 0},
		{0, "the sixteen-byte", 0}, {0, "the sixteen-byte mark", 0}, {0, "the sixteen-byte limit", 0},
	}
	var streams []*rand.Rand
	for _, k := range keys {
		streams = append(streams, layer.Stream(k.seed, k.purpose, k.index))
	}
	drawn := make([][4]uint64, len(keys))
	for i := range drawn[0] {
		for j, s := range streams {
			drawn[j][i] = s.Uint64()
		}
	}
	for j, k := range keys {
		alone := layer.Stream(k.seed, k.purpose, k.index)
		for i, want := range drawn[j] {
			if got := alone.Uint64(); got != want {
				t.Errorf("%+v, number %d: %#x between others, %#x alone", k, i, want, got)
			}
		}
		if first := slices.Index(drawn, drawn[j]); first != j {
			t.Errorf("%+v and %+v are the same stream", keys[first], k)
		}
	}
}

// constant is a source of one number.
type constant uint64

func (c constant) Uint64() uint64 { return uint64(c) }

func TestUniform(t *testing.T) {
	for source, want := range map[constant]float32{0: 0, 1<<40 - 1: 0, 1 << 40: 0x1p-24, math.MaxUint64: 1 - 0x1p-24} {
		if got := layer.Uniform(rand.New(source)); got != want {
			t.Errorf("of the bits %#x: want %v, have %v", uint64(source), want, got)
		}
	}
	r := layer.Stream(1, "uniform", 0)
	const n = 10_000
	var quarters [4]int
	for range n {
		u := layer.Uniform(r)
		if !(u >= 0 && u < 1) || u*0x1p24 != float32(int(u*0x1p24)) {
			t.Fatalf("want a multiple of 2**-24 in [0, 1), have %v", u)
		}
		quarters[int(u*4)]++
	}
	for i, q := range quarters {
		if !(math.Abs(float64(q)-n/4) <= 5*math.Sqrt(n*3./16)) {
			t.Errorf("want about %d of %d numbers in quarter %d, have %d", n/4, n, i, q)
		}
	}
}

func TestNormalLocked(t *testing.T) {
	var x [5]float32
	layer.Normal(x[:], 0.5, layer.Stream(1, "normal", 0))
	want := [5]float32{0x1.66af74p-03, -0x1.3f642ap-02, 0x1.01bc64p-01, -0x1.4c18fep-08, -0x1.16a33ep-02}
	if x != want {
		t.Errorf("want %x, have %x", want, x)
	}
}

func TestNormalMoments(t *testing.T) {
	const n, std = 20_001, 3
	x := make([]float32, n)
	layer.Normal(x, std, layer.Stream(1, "moments", 0))
	var moments [5]float64
	for _, v := range x {
		for k := range moments {
			moments[k] += math.Pow(float64(v)/std, float64(k)) / n
		}
	}
	// The standard errors of the powers' means are the roots of 1, 2, 15 and 96
	// over n.
	for k, c := range map[int]struct{ want, variance float64 }{1: {0, 1}, 2: {1, 2}, 3: {0, 15}, 4: {3, 96}} {
		if !(math.Abs(moments[k]-c.want) <= 5*math.Sqrt(c.variance/n)) {
			t.Errorf("moment %d: want about %v, have %v", k, c.want, moments[k])
		}
	}
}

func TestNormalOddLength(t *testing.T) {
	const n = 7
	odd, even := make([]float32, n), make([]float32, n+1)
	layer.Normal(odd, 1, layer.Stream(1, "odd", 0))
	layer.Normal(even, 1, layer.Stream(1, "odd", 0))
	if !slices.Equal(odd, even[:n]) {
		t.Errorf("want the first %d of %v, have %v", n, even, odd)
	}
}

func TestShuffleLocked(t *testing.T) {
	p := count(10)
	layer.Shuffle(p, layer.Stream(1, "shuffle", 0))
	if want := []int{5, 4, 8, 0, 7, 1, 6, 2, 9, 3}; !slices.Equal(p, want) {
		t.Errorf("want %v, have %v", want, p)
	}
}

func TestShufflePermutes(t *testing.T) {
	r := layer.Stream(1, "permutes", 0)
	for _, n := range []int{0, 1, 2, 3, 100, 1000} {
		p := count(n)
		layer.Shuffle(p, r)
		if n > 3 && slices.IsSorted(p) {
			t.Errorf("%d numbers: want another order", n)
		}
		slices.Sort(p)
		if !slices.Equal(p, count(n)) {
			t.Errorf("%d numbers: want a permutation, have %v", n, p)
		}
	}
}

func TestShuffleFavoursNoOrder(t *testing.T) {
	const n, orders = 6000, 6
	r := layer.Stream(1, "favours", 0)
	seen := map[string]int{}
	for range n {
		p := count(3)
		layer.Shuffle(p, r)
		seen[fmt.Sprint(p)]++
	}
	for order, k := range seen {
		if !(math.Abs(float64(k)-n/orders) <= 5*math.Sqrt(n*5./36)) {
			t.Errorf("%s: want about %d of %d, have %d", order, n/orders, n, k)
		}
	}
}

func count(n int) []int {
	p := make([]int, n)
	for i := range p {
		p[i] = i
	}
	return p
}

func TestInitWeightsVariance(t *testing.T) {
	const fanIn, n = 50, 20_000
	for _, a := range activations {
		want := 1. / fanIn
		if a.Activation == layer.ReLU {
			want = 2. / fanIn
		}
		if a.Activation == layer.LeakyReLU {
			want = 2. / (1.0001 * fanIn)
		}
		w := make([]float32, n)
		layer.InitWeights(w, fanIn, a.Activation, layer.Stream(1, "variance", 0))
		testkit.NormalDeviates(t, a.name, w, want)
	}
}
