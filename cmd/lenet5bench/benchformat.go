package main

import (
	"fmt"
	"io"
	"strings"
)

// benchWriter writes the report in the format of Go benchmarks.
type benchWriter struct{ out io.Writer }

func (w *benchWriter) part(*Report) error { return nil }

func (w *benchWriter) end(r *Report) error {
	var b strings.Builder
	m := r.Machine
	fmt.Fprintf(&b, "goos: %s\ngoarch: %s\npkg: github.com/simdlanes/lanes/cmd/lenet5bench\ncpu: %s\n", m.OS, m.Arch, m.CPU)
	fmt.Fprintf(&b, "BenchmarkPeak/kernels=%s 1 %.2f GFLOP/s\n", m.Kernels, m.PeakGFLOPS)
	for _, e := range r.Notebook.Entries {
		fmt.Fprintf(&b, "BenchmarkNotebookStep/impl=%s/batch=%d/workers=%d %d %.0f ns/op %.3f us/image %.2f GFLOP/s\n",
			e.Name, r.Notebook.Batch, e.Workers, r.Notebook.Steps, e.Seconds*1e9/float64(r.Notebook.Steps), e.MicrosPerImage, e.GFLOPS)
	}
	for _, p := range r.Passes {
		name := strings.ReplaceAll(p.Name, " ", "_")
		w.line(&b, "BenchmarkPass/pass=%s/impl=%s/batch=%d/workers=1", name, m.Kernels, r.Training.Batch, p.MicrosPerImage, p.GFLOPS)
		if p.NaiveMicros > 0 {
			w.line(&b, "BenchmarkPass/pass=%s/impl=%s/batch=%d/workers=1", name, "naive", r.Training.Batch, p.NaiveMicros, 0)
		}
	}
	l := r.Inference.OneImage
	fmt.Fprintf(&b, "BenchmarkPredict/impl=%s/batch=1/workers=1 %d %.0f ns/op %.0f p99-ns/op\n", m.Kernels, l.Calls, l.MedianMicros*1e3, l.P99Micros*1e3)
	for _, t := range r.Inference.Throughput {
		fmt.Fprintf(&b, "BenchmarkPredict/impl=%s/batch=%d/workers=%d 1 %.0f ns/op %.3f us/image\n",
			m.Kernels, t.Batch, t.Workers, t.MicrosPerImage*1e3*float64(t.Batch), t.MicrosPerImage)
	}
	_, err := io.WriteString(w.out, b.String())
	return err
}

// line writes the time of one pass over a batch.
func (w *benchWriter) line(b *strings.Builder, key, name, impl string, batch int, micros, gflops float64) {
	fmt.Fprintf(b, key+" 1 %.0f ns/op %.3f us/image", name, impl, batch, micros*1e3*float64(batch), micros)
	if gflops > 0 {
		fmt.Fprintf(b, " %.2f GFLOP/s", gflops)
	}
	b.WriteByte('\n')
}
