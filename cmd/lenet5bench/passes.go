package main

import (
	"runtime"
	"time"

	"github.com/simdlanes/lanes/benchmarks"
	"github.com/simdlanes/lanes/data"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/mnist"
	"github.com/simdlanes/lanes/net"
)

const passTime = 150 * time.Millisecond // for each pass of each implementation

// passes is part 4: every layer and pass by itself, on one core.
func (b *bench) passes(r *Report) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	x, labels, err := b.sample(b.batch)
	if err != nil {
		return err
	}
	lanes, err := benchmarks.LanesPasses(x, labels)
	if err != nil {
		return err
	}
	naive := benchmarks.NewNaive(benchmarks.NotebookWeights(), benchmarks.StandardAdam, b.batch)
	if err := naive.Load(x, labels); err != nil {
		return err
	}
	step, end := b.bar.Start("layer by layer", len(lanes)+2)
	defer end()
	naiveTimes, err := b.naiveTimes(naive)
	if err != nil {
		return err
	}
	step()
	r.Passes = append(r.Passes, Pass{})
	for _, p := range lanes {
		if err := b.ctx.Err(); err != nil {
			return err
		}
		d := timeOf(passTime, p.Run)
		var base time.Duration
		for _, name := range p.Baseline {
			base += naiveTimes[name]
		}
		r.Passes = append(r.Passes, b.pass(p.Name, p.FLOPs, d, base))
		b.raisePeak()
		step()
	}
	step()
	if r.Passes[0], err = b.wholeStep(naive, x, labels); err != nil {
		return err
	}
	if r.Augmentation, err = b.augmentation(x, labels); err != nil {
		return err
	}
	for i := range r.Passes {
		r.Passes[i].PeakShare = share(r.Passes[i].GFLOPS, r.Machine.PeakGFLOPS)
	}
	return nil
}

// sample returns the first digits of the embedded set, as the training sees
// them.
func (b *bench) sample(n int) (x []float32, labels []int, err error) {
	digits, err := mnist.Test10k()
	if err != nil {
		return nil, nil, err
	}
	if digits, err = digits.Slice(0, n); err != nil {
		return nil, nil, err
	}
	if digits, err = digits.Pad(32, 32); err != nil {
		return nil, nil, err
	}
	e := digits.Examples(mnist.Unit)
	return e.Floats(), e.Labels(), nil
}

func (b *bench) naiveTimes(n *benchmarks.Network) (map[string]time.Duration, error) {
	times := make(map[string]time.Duration)
	for _, p := range n.Passes() {
		p.Run() // all once, so that each finds its input
	}
	for _, p := range n.Passes() {
		if err := b.ctx.Err(); err != nil {
			return nil, err
		}
		times[p.Name] = timeOf(passTime, p.Run)
	}
	return times, nil
}

// wholeStep measures the training step that the passes make up.
func (b *bench) wholeStep(naive *benchmarks.Network, x []float32, labels []int) (Pass, error) {
	t, err := net.NewTrainer(net.LeNet5(b.seed), net.TrainerConfig{Workers: 1})
	if err != nil {
		return Pass{}, err
	}
	defer t.Close()
	var failure error
	run := func(f func([]float32, []int) (float64, error)) time.Duration {
		return timeOf(4*passTime, func() {
			if _, err := f(x, labels); err != nil {
				failure = err
			}
		})
	}
	d := run(t.Step)
	b.raisePeak()
	return b.pass("training step", stepFLOPs(), d, run(naive.Step)), failure
}

// distortions are those of lenet5 train -preset accurate.
var distortions = data.Augment{Shift: 2, Rotate: 10, Scale: 0.1, Shear: 10, Elastic: 0.5}

// augmentation measures how long it takes to distort the images while they are
// read.
func (b *bench) augmentation(x []float32, labels []int) (Augmentation, error) {
	affine := distortions
	affine.Elastic = 0
	plain, err := b.reading(data.Augment{}, x, labels)
	if err != nil {
		return Augmentation{}, err
	}
	without, err := b.reading(affine, x, labels)
	if err != nil {
		return Augmentation{}, err
	}
	with, err := b.reading(distortions, x, labels)
	return Augmentation{AffineMicros: without - plain, ElasticMicros: with - plain}, err
}

// reading measures how long it takes to read an image that is distorted, in
// microseconds.
func (b *bench) reading(a data.Augment, x []float32, labels []int) (float64, error) {
	d, err := a.Dataset(net.Examples{Images: x, Labels: labels}, layer.Image(1, 32, 32))
	if err != nil {
		return 0, err
	}
	images, classes, indices := make([]float32, len(x)), make([]int, len(labels)), make([]int, len(labels))
	for i := range indices {
		indices[i] = i
	}
	var failure error
	t := timeOf(passTime, func() {
		if err := d.Read(images, classes, indices); err != nil {
			failure = err
		}
	})
	return micros(t) / float64(len(labels)), failure
}

// pass is the result of a pass over the batch that took d.
func (b *bench) pass(name string, flops int, d, naive time.Duration) Pass {
	images := float64(b.batch)
	return Pass{
		Name:           name,
		MicrosPerImage: micros(d) / images,
		GFLOPS:         gflops(float64(flops)*images, d),
		NaiveMicros:    micros(naive) / images,
	}
}
