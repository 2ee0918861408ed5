package main

import (
	"fmt"
	"io"
	"strings"
)

// benchWriter writes the report in the format of Go benchmarks.
type benchWriter struct{ out io.Writer }

func (w benchWriter) part(*Report) error { return nil }

func (w benchWriter) epoch(*Training) error { return nil }

func (w benchWriter) to99Epoch(*To99) error { return nil }

func (w benchWriter) end(r *Report) error {
	var b strings.Builder
	m, n, t := r.Machine, r.Notebook, r.Training
	fmt.Fprintf(&b, "goos: %s\ngoarch: %s\npkg: github.com/simdlanes/lanes/cmd/lenet5bench\ncpu: %s\nkernels: %s\n", m.OS, m.Arch, m.CPU, m.Kernels)
	if m.PeakGFLOPS > 0 {
		fmt.Fprintf(&b, "BenchmarkPeak 1 %.2f GFLOP/s\n", m.PeakGFLOPS)
	}
	for _, e := range n.Entries {
		fmt.Fprintf(&b, "BenchmarkNotebookStep/impl=%s/batch=%d/workers=%d %d %.0f ns/op %.3f us/image %.2f GFLOP/s\n",
			e.Name, n.Batch, e.Workers, n.Steps, e.MicrosPerImage*1e3*float64(n.Batch), e.MicrosPerImage, e.GFLOPS)
	}
	if epochs := len(t.Epochs); epochs > 0 {
		fmt.Fprintf(&b, "BenchmarkTrainingEpoch/impl=lanes/mnist=%s/batch=%d/workers=%d %d %.0f ns/op %.4f accuracy\n",
			t.Data, t.Batch, t.Workers, epochs, t.Seconds*1e9/float64(epochs), t.Epochs[epochs-1].Accuracy)
	}
	for _, p := range r.Passes {
		passLine(&b, p.Name, "lanes", t.Batch, p.MicrosPerImage, p.GFLOPS)
		if p.NaiveMicros > 0 {
			passLine(&b, p.Name, "naive", t.Batch, p.NaiveMicros, 0)
		}
	}
	if a := r.Augmentation; a != (Augmentation{}) {
		passLine(&b, "augmentation-affine", "lanes", t.Batch, a.AffineMicros, 0)
		passLine(&b, "augmentation-elastic", "lanes", t.Batch, a.ElasticMicros, 0)
	}
	if l := r.Inference.OneImage; l.Calls > 0 {
		fmt.Fprintf(&b, "BenchmarkPredictOne/impl=lanes/workers=1 %d %.0f ns/op %.0f p99-ns/op\n", l.Calls, l.MedianMicros*1e3, l.P99Micros*1e3)
	}
	for _, t := range r.Inference.Throughput {
		fmt.Fprintf(&b, "BenchmarkPredict/impl=lanes/batch=%d/workers=%d 1 %.0f ns/op %.3f us/image\n",
			t.Batch, t.Workers, t.MicrosPerImage*1e3*float64(t.Batch), t.MicrosPerImage)
	}
	to99Lines(&b, r.To99)
	_, err := io.WriteString(w.out, b.String())
	return err
}

// passLine writes the time of one pass over a batch. The number of iterations
// is a formality: times are the best of many.
func passLine(b *strings.Builder, name, impl string, batch int, micros, gflops float64) {
	fmt.Fprintf(b, "BenchmarkPass/pass=%s/impl=%s/batch=%d/workers=1 1 %.0f ns/op %.3f us/image",
		strings.ReplaceAll(name, " ", "-"), impl, batch, micros*1e3*float64(batch), micros)
	if gflops > 0 {
		fmt.Fprintf(b, " %.2f GFLOP/s", gflops)
	}
	b.WriteByte('\n')
}

// to99Lines writes the trainings to 99 %. One that did not get there has no time.
func to99Lines(b *strings.Builder, t To99) {
	for _, run := range t.Runs {
		fmt.Fprintf(b, "BenchmarkTrainTo99/impl=lanes/workers=%d/seed=%d 1", t.Workers, run.Seed)
		if run.Reached {
			fmt.Fprintf(b, " %.0f ns/op", run.Seconds*1e9)
		}
		fmt.Fprintf(b, " %.4f accuracy %d epochs\n", run.Epochs[len(run.Epochs)-1].Accuracy, len(run.Epochs))
	}
	if n := len(t.Runs); n > 0 && t.Reached == n {
		fmt.Fprintf(b, "BenchmarkTrainTo99/impl=lanes/workers=%d/seed=all %d %.0f ns/op %.0f worst-ns/op\n", t.Workers, n, t.MeanSeconds*1e9, t.WorstSeconds*1e9)
	}
}
