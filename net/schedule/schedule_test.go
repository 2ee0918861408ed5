package schedule_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"strings"
	"testing"

	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/internal/golden"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/net/schedule"
)

// checked is what every schedule of the package is.
type checked interface {
	schedule.Schedule
	Check() error
}

// TestSchedulesLikePyTorch compares the rate of every step.
func TestSchedulesLikePyTorch(t *testing.T) {
	for name, c := range map[string]struct {
		schedule schedule.Schedule
		steps    int // 0: those of the file
	}{
		"every":           {schedule.Steps{From: 0.1, Factor: 0.5, Every: 6}, 0},
		"at":              {schedule.Steps{From: 0.1, At: []int{3, 4, 11}}, 0},
		"cosine":          {schedule.Cosine{From: 0.1, To: 0.01}, 20}, // the file goes one step beyond the end
		"restarts":        {schedule.Cosine{From: 0.1, To: 0.001, Period: 5, Growth: 2}, 0},
		"restarts_alike":  {schedule.Cosine{From: 0.1, Period: 6}, 0},
		"onecycle":        {schedule.OneCycle{Max: 0.1}, 0},
		"onecycle_few":    {schedule.OneCycle{Max: 0.1}, 0},
		"onecycle_fields": {schedule.OneCycle{Max: 0.1, From: 0.01, To: 0.002, Rise: 0.45}, 0},
		"warmup":          {schedule.WarmUp{Steps: 7, From: 0.025, Then: schedule.Steps{From: 0.1, Factor: 0.5, Every: 10}}, 0},
	} {
		want, shape := golden.File(t, "testdata/"+name+".npy")
		steps := c.steps
		if steps == 0 {
			steps = shape[0]
		}
		var got []float64
		for step := range want {
			got = append(got, c.schedule.Rate(step, steps))
		}
		golden.Close(t, name, got, want, 1e-15)
	}
}

// TestCosineIsACosine compares with math.Cos, and wants the ends exactly.
func TestCosineIsACosine(t *testing.T) {
	const steps = 100_003
	c := schedule.Cosine{From: 2}
	for step := range steps + 1 {
		got, want := c.Rate(step, steps), 1+math.Cos(math.Pi*float64(step)/steps)
		if !(math.Abs(got-want) <= 1e-15) {
			t.Fatalf("step %d: rate %v, want %v", step, got, want)
		}
	}
	if first, middle, last := c.Rate(0, 2), c.Rate(1, 2), c.Rate(2, 2); first != 2 || middle != 1 || last != 0 {
		t.Errorf("first, middle and last rate %v, %v, %v, want 2, 1, 0", first, middle, last)
	}
	if rate := (schedule.Cosine{From: 0.3, To: 0.1}).Rate(5, 5); rate != 0.1 {
		t.Errorf("rate %v after the end, want 0.1", rate)
	}
}

// TestBits compares a hash of many rates with the one of the machine on which
// this was written.
func TestBits(t *testing.T) {
	h := fnv.New64a()
	for _, s := range []schedule.Schedule{
		schedule.Cosine{From: 0.1, To: 0.003}, schedule.Cosine{From: 0.1, Period: 7, Growth: 3}, schedule.OneCycle{Max: 0.07},
		schedule.Steps{From: 0.3, Factor: 0.77, Every: 3}, schedule.WarmUp{Steps: 100, Then: schedule.Constant(0.1)},
	} {
		for step := range 997 {
			h.Write(binary.LittleEndian.AppendUint64(nil, math.Float64bits(s.Rate(step, 997))))
		}
	}
	if got, want := h.Sum64(), uint64(0x90cdba37e405ec33); got != want {
		t.Errorf("rates hash to %#x, want %#x", got, want)
	}
}

// TestUnknownNumberOfSteps asks every schedule for rates of a stream.
func TestUnknownNumberOfSteps(t *testing.T) {
	for _, c := range []struct {
		schedule schedule.Schedule
		step     int
		want     float64
	}{
		{schedule.Constant(0.5), 1000, 0.5},
		{schedule.Steps{From: 1, Factor: 0.5, Every: 10}, 35, 0.125},
		{schedule.Cosine{From: 1}, 0, math.NaN()},
		{schedule.Cosine{From: 1, Period: 10}, 25, 0.5},
		{schedule.OneCycle{Max: 1}, 0, math.NaN()},
		{schedule.OneCycle{Max: 1, Steps: 10}, 2, 1},
		{schedule.OneCycle{Max: 1, Steps: 10, To: 0.25}, 9, 0.25},
		{schedule.OneCycle{Max: 1, Steps: 10, To: 0.25}, 1e9, 0.25},
		{schedule.WarmUp{Steps: 4, Then: schedule.Constant(1)}, 3, 0.75},
		{schedule.WarmUp{Steps: 4, Then: schedule.Constant(1)}, 4, 1},
		{schedule.WarmUp{Steps: 4, Then: schedule.Cosine{From: 1}}, 0, math.NaN()},
		{schedule.WarmUp{Steps: 4, Then: schedule.Cosine{From: 1, Period: 2}}, 5, 0.5},
	} {
		if got := c.schedule.Rate(c.step, 0); got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("%T%+v: rate %v at step %d, want %v", c.schedule, c.schedule, got, c.step, c.want)
		}
	}
}

// TestEdges asks for rates of trainings that are short, or of steps that are not
// theirs: a rate is a rate.
func TestEdges(t *testing.T) {
	for _, s := range []checked{
		schedule.Constant(1), schedule.Constant(0),
		schedule.Steps{From: 1, Every: 1}, schedule.Steps{From: 1, At: []int{0, 1}}, schedule.Steps{From: 1, Factor: 1, Every: 1},
		schedule.Cosine{From: 1}, schedule.Cosine{From: 1, Period: 1}, schedule.Cosine{From: 1, Period: 1, Growth: 2},
		schedule.Cosine{From: 1, Period: math.MaxInt, Growth: math.MaxInt},
		schedule.OneCycle{Max: 1}, schedule.OneCycle{Max: 1, Rise: 0.5}, schedule.OneCycle{}, schedule.OneCycle{Max: 1, Rise: 0.999},
		schedule.WarmUp{Steps: 5, Then: schedule.Cosine{From: 1}}, schedule.WarmUp{Steps: math.MaxInt, Then: schedule.OneCycle{Max: 1}},
	} {
		if err := s.Check(); err != nil {
			t.Errorf("%T%+v: %v", s, s, err)
		}
		for _, steps := range []int{1, 2, 3, 4, 5, 6, math.MaxInt} {
			for _, step := range []int{math.MinInt, -1, 0, 1, 2, 3, 4, 5, 6, 7, 1 << 30, math.MaxInt} {
				if rate := s.Rate(step, steps); !(rate >= 0 && rate <= 1) {
					t.Errorf("%T%+v: rate %v at step %d of %d", s, s, rate, step, steps)
				}
			}
		}
	}
}

// own is a schedule of a user's, which has no Check.
type own struct{}

func (own) Rate(step, steps int) float64 { return 1 / float64(1+step) }

func TestWarmUpToOwn(t *testing.T) {
	w := schedule.WarmUp{Steps: 2, Then: own{}}
	for step, want := range []float64{0, 0.5, 1, 0.5, 1. / 3} {
		if got := w.Rate(step, 5); got != want {
			t.Errorf("step %d: rate %v, want %v", step, got, want)
		}
	}
}

// bad are schedules with one field each that makes no sense, and its name.
var bad = map[string]checked{
	"Constant":          schedule.Constant(-1),
	"Steps.From":        schedule.Steps{From: math.NaN(), Every: 1},
	"Steps.Factor":      schedule.Steps{Factor: 1.5, Every: 1},
	"Steps.Every":       schedule.Steps{Every: -1},
	"Steps":             schedule.Steps{},
	"Steps.At":          schedule.Steps{At: []int{2, 2}},
	"Cosine.From":       schedule.Cosine{From: 1e21},
	"Cosine.To":         schedule.Cosine{To: -1},
	"Cosine.Period":     schedule.Cosine{Period: -1},
	"Cosine.Growth":     schedule.Cosine{Growth: -1},
	"OneCycle.Max":      schedule.OneCycle{Max: math.Inf(1)},
	"OneCycle.From":     schedule.OneCycle{From: -1},
	"OneCycle.To":       schedule.OneCycle{To: -1},
	"OneCycle.Rise":     schedule.OneCycle{Rise: 1},
	"OneCycle.Steps":    schedule.OneCycle{Steps: -1},
	"WarmUp.Steps":      schedule.WarmUp{Steps: -1, Then: schedule.Constant(1)},
	"WarmUp.From":       schedule.WarmUp{From: -1, Then: schedule.Constant(1)},
	"WarmUp.Then":       schedule.WarmUp{},
	"Cosine.From (2nd)": schedule.WarmUp{Then: schedule.Cosine{From: -1}},
}

// TestBadFields wants errors that name the field, and rates that a training
// refuses before it changes anything.
func TestBadFields(t *testing.T) {
	n, err := net.New(layer.Vector(1), 1, dense.Layer{Units: 2})
	if err != nil {
		t.Fatal(err)
	}
	tr, err := net.NewTrainer(n, net.TrainerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	before := n.Hash()
	data := net.Examples{Images: []float32{1}, Labels: []int{0}}
	for name, s := range bad {
		err := s.Check()
		field, _, _ := strings.Cut(name, " ")
		if want := "schedule: " + field + ": "; !errors.Is(err, layer.ErrOption) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: error %v, want ErrOption that begins with %q", name, err, want)
		}
		if rate := s.Rate(0, 10); !math.IsNaN(rate) {
			t.Errorf("%s: rate %v, want NaN", name, rate)
		}
		if _, err := tr.Fit(context.Background(), data, net.FitConfig{Rate: s.Rate}); !errors.Is(err, layer.ErrOption) {
			t.Errorf("%s: a training gives error %v, want ErrOption", name, err)
		}
	}
	if n.Hash() != before {
		t.Error("a training with a bad schedule has changed the network")
	}
}

func ExampleConstant() {
	fmt.Println(schedule.Constant(0.1).Rate(7, 10))
	// Output: 0.1
}

func ExampleSteps() {
	s := schedule.Steps{From: 1, Factor: 0.5, Every: 2}
	for step := range 6 {
		fmt.Print(s.Rate(step, 6), " ")
	}
	// Output: 1 1 0.5 0.5 0.25 0.25
}

func ExampleCosine() {
	c := schedule.Cosine{From: 0.1}
	for step := range 5 {
		fmt.Printf("%.4f ", c.Rate(step, 5))
	}
	// Output: 0.1000 0.0905 0.0655 0.0345 0.0095
}

func ExampleOneCycle() {
	c := schedule.OneCycle{Max: 0.1}
	for step := range 10 {
		fmt.Printf("%.4f ", c.Rate(step, 10))
	}
	// Output: 0.0040 0.0520 0.1000 0.0950 0.0812 0.0611 0.0389 0.0188 0.0050 0.0000
}

func ExampleWarmUp() {
	w := schedule.WarmUp{Steps: 4, Then: schedule.Steps{From: 1, Every: 2}}
	for step := range 8 {
		fmt.Print(w.Rate(step, 8), " ")
	}
	// Output: 0 0.25 0.5 0.75 1 1 0.1 0.1
}

// A bad field is named, where a training would only say that the rate is not a
// number.
func ExampleCosine_Check() {
	fmt.Println(schedule.Constant(-1).Check())
	fmt.Println(schedule.Steps{From: 0.1}.Check())
	fmt.Println(schedule.Cosine{From: 0.1, To: -1}.Check())
	fmt.Println(schedule.OneCycle{Max: 0.1, Rise: 2}.Check())
	fmt.Println(schedule.WarmUp{Steps: 10}.Check())
	// Output:
	// schedule: Constant: option is not usable: want a learning rate from 0 to 1e+20, have -1
	// schedule: Steps: option is not usable: want either Every or At, have 0 and []
	// schedule: Cosine.To: option is not usable: want a learning rate from 0 to 1e+20, have -1
	// schedule: OneCycle.Rise: option is not usable: want above 0 and below 1, have 2
	// schedule: WarmUp.Then: option is not usable: want a schedule, have nil
}
