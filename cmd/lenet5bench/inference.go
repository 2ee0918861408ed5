package main

import (
	"runtime"
	"slices"
	"time"

	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/net"
)

// inference is part 5.
func (b *bench) inference(r *Report) error {
	x, _, err := b.sample(1024)
	if err != nil {
		return err
	}
	n := net.LeNet5(b.seed)
	size := n.Input().Len()
	workers := slices.Compact([]int{1, b.workers})
	batches := []int{8, 256, 1024}
	step, end := b.bar.Start("inference", 1+len(workers)*len(batches))
	defer end()
	if r.Inference.OneImage, err = b.latency(n, x[:size]); err != nil {
		return err
	}
	step()
	for _, w := range workers {
		for _, batch := range batches {
			t, err := b.throughput(n, x[:batch*size], w)
			if err != nil {
				return err
			}
			r.Inference.Throughput = append(r.Inference.Throughput, t)
			step()
		}
	}
	return nil
}

// latency predicts one image many times.
func (b *bench) latency(n *net.Network, x []float32) (Latency, error) {
	calls := 20_000
	if b.impl == kernels.Generic {
		calls = 200
	}
	var dst []int
	times := make([]time.Duration, calls)
	for i := range times {
		start := time.Now()
		var err error
		if dst, err = n.Predict(dst[:0], x); err != nil {
			return Latency{}, err
		}
		times[i] = time.Since(start)
	}
	slices.Sort(times)
	return Latency{
		Calls:        calls,
		MedianMicros: micros(times[calls/2]),
		P99Micros:    micros(times[calls*99/100]),
	}, b.ctx.Err()
}

// throughput predicts a batch on a number of workers.
func (b *bench) throughput(n *net.Network, x []float32, workers int) (Throughput, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
	p := n.NewPredictor(workers)
	defer p.Close()
	var dst []int
	var failure error
	d := timeOf(2*passTime, func() {
		var err error
		if dst, err = p.Predict(dst[:0], x); err != nil {
			failure = err
		}
	})
	batch := len(x) / n.Input().Len()
	return Throughput{
		Batch:           batch,
		Workers:         workers,
		MicrosPerImage:  micros(d) / float64(batch),
		ImagesPerSecond: float64(batch) / d.Seconds(),
	}, failure
}
