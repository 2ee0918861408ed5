package data_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/simdlanes/lanes/data"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/internal/fewdigits"
	"github.com/simdlanes/lanes/internal/testkit"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/mnist"
	"github.com/simdlanes/lanes/net"
)

// everything is distortions of all kinds.
var everything = data.Augment{Shift: 2, Rotate: 15, Scale: 0.2, Shear: 10, Elastic: 1, Seed: 7}

// someDigits returns some digits in memory.
func someDigits(t testing.TB, n int) (net.Examples, layer.Shape) {
	t.Helper()
	set := fewdigits.Slice(t, 0, n)
	e := set.Examples(mnist.Unit)
	return net.Examples{Images: e.Floats(), Labels: e.Labels()}, layer.Image(1, set.Rows, set.Cols)
}

func augment(t testing.TB, a data.Augment, d net.Dataset, s layer.Shape) net.EpochDataset {
	t.Helper()
	augmented, err := a.Dataset(d, s)
	if err != nil {
		t.Fatal(err)
	}
	return augmented
}

// readAll reads images by a number at a time, in the order of indices, and returns
// them in the order of the data.
func readAll(t testing.TB, d net.Dataset, s layer.Shape, together int, indices []int) []float32 {
	t.Helper()
	size := s.Len()
	all := make([]float32, d.Len()*size)
	for part := range slices.Chunk(indices, together) {
		x, labels := make([]float32, len(part)*size), make([]int, len(part))
		if err := d.Read(x, labels, part); err != nil {
			t.Fatal(err)
		}
		for j, i := range part {
			copy(all[i*size:], x[j*size:(j+1)*size])
		}
	}
	return all
}

func upTo(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// TestAugmentNothing wants zero strength to leave all bits as they are.
func TestAugmentNothing(t *testing.T) {
	negativeZero := float32(math.Copysign(0, -1))
	e := net.Examples{Images: []float32{1, negativeZero, 3, float32(math.Inf(1))}, Labels: []int{5}}
	d := augment(t, data.Augment{Seed: 3}, e, layer.Image(1, 2, 2))
	have := readAll(t, d.Epoch(1), layer.Image(1, 2, 2), 1, upTo(1))
	for i, v := range e.Images {
		if math.Float32bits(have[i]) != math.Float32bits(v) {
			t.Errorf("have %v, want %v", have, e.Images)
		}
	}
}

// TestAugmentReproducible wants the distortion of an image to depend on seed, epoch
// and index alone.
func TestAugmentReproducible(t *testing.T) {
	e, s := someDigits(t, 40)
	d := augment(t, everything, e, s)
	want := readAll(t, d.Epoch(3), s, 8, upTo(40))
	backwards := upTo(40)
	slices.Reverse(backwards)
	if have := readAll(t, augment(t, everything, e, s).Epoch(3), s, 7, backwards); !slices.Equal(have, want) {
		t.Error("in another order and in other batches, images differ")
	}
	other := everything
	other.Seed++
	for what, d := range map[string]net.Dataset{"another epoch": d.Epoch(4), "another seed": augment(t, other, e, s).Epoch(3)} {
		have := readAll(t, d, s, 8, upTo(40))
		for i := range 40 {
			if slices.Equal(have[i*s.Len():(i+1)*s.Len()], want[i*s.Len():(i+1)*s.Len()]) {
				t.Errorf("in %s image %d is the same", what, i)
			}
		}
	}
	if have := readAll(t, d, s, 8, upTo(40)); !slices.Equal(have, readAll(t, d.Epoch(0), s, 8, upTo(40))) {
		t.Error("read by itself it is not epoch 0")
	}
	same := net.Examples{Images: slices.Concat(e.Images[:s.Len()], e.Images[:s.Len()]), Labels: []int{0, 0}}
	if pair := readAll(t, augment(t, everything, same, s), s, 2, upTo(2)); slices.Equal(pair[:s.Len()], pair[s.Len():]) {
		t.Error("two images get the same distortion")
	}
}

// TestAugmentBits wants the same bits on every machine.
func TestAugmentBits(t *testing.T) {
	e, s := someDigits(t, 64)
	bits := sha256.New()
	for _, v := range readAll(t, augment(t, everything, e, s).Epoch(2), s, 8, upTo(64)) {
		bits.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(v)))
	}
	const want = "fcdbeff1c46f154ff250b07d188ff4152e6ade98ff844cd0b3fc73fc129c84ad"
	if have := fmt.Sprintf("%x", bits.Sum(nil)); have != want {
		t.Errorf("have %s, want %s", have, want)
	}
}

// TestAugmentKeeps wants distorted digits to have the centre and the ink of the
// digits on average, and labels as they are.
func TestAugmentKeeps(t *testing.T) {
	e, s := someDigits(t, 500)
	d := augment(t, everything, e, s)
	have := readAll(t, d.Epoch(1), s, 8, upTo(500))
	ink, x, y := moments(have, s)
	wantInk, wantX, wantY := moments(e.Images, s)
	if math.Abs(ink/wantInk-1) > 0.05 || math.Abs(x-wantX) > 0.2 || math.Abs(y-wantY) > 0.2 {
		t.Errorf("ink %v about %v, %v; want %v about %v, %v", ink, x, y, wantInk, wantX, wantY)
	}
	labels := make([]int, 2)
	if err := d.Read(make([]float32, 2*s.Len()), labels, []int{3, 1}); err != nil || labels[0] != e.Labels[3] || labels[1] != e.Labels[1] {
		t.Errorf("labels %v, %v", labels, err)
	}
	if known := d.(interface{ Labels() []int }).Labels(); !slices.Equal(known, e.Labels) {
		t.Errorf("labels %v, want %v", known, e.Labels)
	}
}

// moments are the sum of all pixels and their centre.
func moments(images []float32, s layer.Shape) (sum, x, y float64) {
	for i, v := range images {
		sum += float64(v)
		x += float64(v) * float64(i%s.W)
		y += float64(v) * float64(i/s.W%s.H)
	}
	return sum, x / sum, y / sum
}

// TestAugmentTrains wants a training on distorted images to have the same bits for
// any workers, and when it is resumed amidst an epoch.
func TestAugmentTrains(t *testing.T) {
	e, s := someDigits(t, 100)
	train := func(workers int, resume *net.State, stop int) (*net.Network, *net.State) {
		n, err := net.New(s, 1, dense.Flatten{}, dense.Layer{Units: 10})
		if err != nil {
			t.Fatal(err)
		}
		trainer, err := net.NewTrainer(n, net.TrainerConfig{Workers: workers})
		if err != nil {
			t.Fatal(err)
		}
		defer trainer.Close()
		_, err = trainer.Fit(context.Background(), augment(t, everything, e, s), net.FitConfig{
			Epochs: 3, BatchSize: 32, Seed: 1, Resume: resume,
			Callbacks: []net.Callback{net.OnStep(func(p net.Progress) error {
				if p.Step == stop {
					return net.ErrStop
				}
				return nil
			})},
		})
		if err != nil {
			t.Fatal(err)
		}
		state, err := trainer.State()
		if err != nil {
			t.Fatal(err)
		}
		return n, state
	}
	want, _ := train(1, nil, 0)
	if have, _ := train(3, nil, 0); have.Hash() != want.Hash() {
		t.Error("with 3 workers weights differ")
	}
	_, state := train(2, nil, 6)
	if have, _ := train(1, state, 0); have.Hash() != want.Hash() {
		t.Error("resumed in the second epoch, weights differ")
	}
}

// TestAugmentEpochsInside wants the epochs of what is distorted to come through.
func TestAugmentEpochsInside(t *testing.T) {
	e, s := someDigits(t, 4)
	inner := augment(t, data.Augment{Shift: 5, Seed: 1}, e, s)
	d := augment(t, data.Augment{}, inner, s)
	if !slices.Equal(readAll(t, d.Epoch(2), s, 4, upTo(4)), readAll(t, inner.Epoch(2), s, 4, upTo(4))) {
		t.Error("epoch 2 is not that of the images")
	}
}

func TestAugmentErrors(t *testing.T) {
	nan := math.NaN()
	for field, a := range map[string]data.Augment{
		"Shift": {Shift: -1}, "Rotate": {Rotate: 181}, "Scale": {Scale: 0.95}, "Shear": {Shear: nan},
		"Elastic": {Elastic: math.Inf(1)}, "Smooth": {Smooth: -1}, "Fill": {Fill: float32(nan)},
	} {
		wantError(t, field, a.Check(), layer.ErrOption, "data: augment: ", field)
		_, err := a.Dataset(net.Examples{}, layer.Image(1, 2, 2))
		wantError(t, field, err, layer.ErrOption, "data: augment: ", field)
	}
	_, err := data.Augment{}.Dataset(nil, layer.Image(1, 2, 2))
	wantError(t, "nil", err, net.ErrData)
	_, err = data.Augment{}.Dataset(net.Examples{}, layer.Shape{})
	wantError(t, "no shape", err, layer.ErrShape)
	_, err = data.Augment{}.Dataset(net.Examples{}, layer.Image(1, 1, data.MaxSide+1))
	wantError(t, "wide", err, layer.ErrOption, "4096")

	e, s := someDigits(t, 2)
	d := augment(t, everything, e, s)
	wantError(t, "room", d.Read(make([]float32, s.Len()+1), make([]int, 1), []int{0}), layer.ErrShape)
	wantError(t, "index", d.Read(make([]float32, s.Len()), make([]int, 1), []int{2}), net.ErrData)
}

// TestAugmentExtremes wants no panic at the limits of all fields, and values
// between those of the image and of what lies outside.
func TestAugmentExtremes(t *testing.T) {
	for _, s := range []layer.Shape{layer.Image(1, 1, 1), layer.Image(2, 1, 9), layer.Image(3, 33, 5)} {
		for _, smooth := range []int{0, 1, data.MaxSide} {
			a := data.Augment{Shift: data.MaxSide, Rotate: 180, Scale: 0.9, Shear: 80, Elastic: 100, Smooth: smooth, Fill: -1}
			e := net.Examples{Images: make([]float32, 20*s.Len()), Labels: make([]int, 20)}
			for _, v := range readAll(t, augment(t, a, e, s), s, 20, upTo(20)) {
				if !(v >= -1 && v <= 0) {
					t.Fatalf("%v: value %v, want -1 to 0", s, v)
				}
			}
		}
	}
}

func TestAugmentAllocates(t *testing.T) {
	e, s := someDigits(t, 8)
	d := augment(t, everything, e, s)
	x, labels, indices := make([]float32, 8*s.Len()), make([]int, 8), upTo(8)
	if n := testing.AllocsPerRun(20, func() { d.Read(x, labels, indices) }); n != 0 && !testkit.Race {
		t.Errorf("%v allocations", n)
	}
}

func TestAugmentJSON(t *testing.T) {
	text, err := json.Marshal(everything)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "Fill") {
		t.Errorf("%s has fields that are zero", text)
	}
	var have data.Augment
	if err := json.Unmarshal(text, &have); err != nil || have != everything {
		t.Errorf("have %+v, %v, want %+v", have, err, everything)
	}
}

// wantError wants an error that wraps want and has some text.
func wantError(t *testing.T, what string, err, want error, text ...string) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: have error %v, want one that wraps %v", what, err, want)
		return
	}
	for _, part := range text {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%s: error %q does not contain %q", what, err, part)
		}
	}
}
