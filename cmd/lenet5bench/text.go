package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
)

// A writer writes the report: part after part as they are done, and the end.
type writer interface {
	part(r *Report) error
	end(r *Report) error
}

// jsonWriter writes all at the end.
type jsonWriter struct{ out io.Writer }

func (w *jsonWriter) part(*Report) error { return nil }

func (w *jsonWriter) end(r *Report) error {
	e := json.NewEncoder(w.out)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// textWriter writes the report for people.
type textWriter struct {
	out   *tabwriter.Writer
	parts []func(r *Report)
}

func newTextWriter(out io.Writer) *textWriter {
	w := &textWriter{out: tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)}
	w.parts = []func(*Report){w.machine, w.notebook, w.training, w.passes, w.inference}
	return w
}

func (w *textWriter) part(r *Report) error {
	w.parts[0](r)
	w.parts = w.parts[1:]
	return w.out.Flush()
}

func (w *textWriter) end(*Report) error { return nil }

// line writes text as it is; row writes cells, aligned with the rows around.
func (w *textWriter) line(format string, args ...any) {
	w.out.Flush()
	fmt.Fprintf(w.out, format+"\n", args...)
	w.out.Flush()
}

func (w *textWriter) row(cells ...string) {
	for i, c := range cells {
		if i == 0 {
			// The first column is aligned to the left by padding it.
			c = fmt.Sprintf("%-28s", c)
		}
		fmt.Fprint(w.out, c, "\t")
	}
	fmt.Fprintln(w.out)
}

func (w *textWriter) machine(r *Report) {
	m := r.Machine
	w.line("1. Machine\n")
	w.line("   %s, %s/%s, %s, %d cores, %d workers", m.CPU, m.OS, m.Arch, m.GoVersion, m.Cores, m.Workers)
	w.line("   %s kernels: %s", m.Kernels, m.Reason)
	if m.PeakGFLOPS > 0 {
		w.line("   FMA peak of one core: %.1f GFLOP/s", m.PeakGFLOPS)
		return
	}
	w.line("   Portable kernels round every multiply-add as an FMA unit does, one at a time, and are")
	w.line("   slower than naive loops; their results have the same bits as the assembly's.")
}

func (w *textWriter) notebook(r *Report) {
	n := r.Notebook
	w.line("\n2. The notebook's experiment: LeNet-5, %d digits resized to 32x32, raw pixels, batch %d, %d steps,", n.Images, n.Batch, n.Steps)
	w.line("   its Adam at 0.01, its initial weights. (Its own numpy code takes 4 to 5 s for one step.)\n")
	w.row("", "cores", "seconds", "us/image", "GFLOP/s", "of peak", "speed-up", "accuracy", "first loss", "diff to naive")
	for _, e := range n.Entries {
		w.row("   "+e.Name, fmt.Sprint(e.Workers), fmt.Sprintf("%.3f", e.Seconds), fmt.Sprintf("%.1f", e.MicrosPerImage),
			fmt.Sprintf("%.1f", e.GFLOPS), percent(e.PeakShare), fmt.Sprintf("%.1fx", e.Speedup),
			fmt.Sprintf("%.2f %%", 100*e.Accuracy), fmt.Sprintf("%.4f", e.FirstLoss), fmt.Sprintf("%.1e", e.MaxLossDiff16))
	}
	w.line("\n   The difference is the largest between losses in the first %d steps. On raw pixels at this rate the", compareSteps)
	w.line("   training is chaotic: it doubles rounding errors step after step, and each implementation adds up in")
	w.line("   another order. Later losses differ, and accuracies by points; none of them is more right.")
}

func (w *textWriter) training(r *Report) {
	t := r.Training
	w.line("\n3. Training: %d digits, tested on %d others, batch %d, Adam at 0.001, %d workers, seed %d\n",
		t.TrainImages, t.TestImages, t.Batch, t.Workers, t.Seed)
	w.row("", "epoch", "loss", "test accuracy")
	for i, e := range t.Epochs {
		w.row("", fmt.Sprint(i+1), fmt.Sprintf("%.4f", e.Loss), fmt.Sprintf("%.2f %%", 100*e.Accuracy))
	}
	w.line("\n   %.2f s, testing included. SHA-256 of the weights: %s...", t.Seconds, t.Hash[:16])
}

func (w *textWriter) passes(r *Report) {
	w.line("\n4. Layer by layer, batch %d, one core (peak %.1f GFLOP/s)\n", r.Training.Batch, r.Machine.PeakGFLOPS)
	w.row("", "us/image", "GFLOP/s", "of peak", "naive us", "speed-up")
	for _, p := range r.Passes {
		rate, naive, speedup := "", "", ""
		if p.GFLOPS > 0 {
			rate = fmt.Sprintf("%.1f", p.GFLOPS)
		}
		if p.NaiveMicros > 0 {
			naive = fmt.Sprintf("%.2f", p.NaiveMicros)
			speedup = fmt.Sprintf("%.1fx", p.NaiveMicros/p.MicrosPerImage)
		}
		w.row("   "+p.Name, fmt.Sprintf("%.2f", p.MicrosPerImage), rate, percent(p.PeakShare), naive, speedup)
	}
}

func (w *textWriter) inference(r *Report) {
	l := r.Inference.OneImage
	w.line("\n5. Inference\n")
	w.line("   One image, one core: median %.1f us, 99th percentile %.1f us\n", l.MedianMicros, l.P99Micros)
	w.row("", "batch", "workers", "us/image", "images/s")
	for _, t := range r.Inference.Throughput {
		w.row("", fmt.Sprint(t.Batch), fmt.Sprint(t.Workers), fmt.Sprintf("%.2f", t.MicrosPerImage), fmt.Sprintf("%.0f", t.ImagesPerSecond))
	}
}

func percent(share float64) string {
	if share == 0 {
		return ""
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}
