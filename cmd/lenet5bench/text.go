package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/simdlanes/lanes/internal/texttable"
)

// A writer writes the report: part after part as they are done, the epochs of
// the third and of -to99 as they end, and the end.
type writer interface {
	part(r *Report) error
	epoch(t *Training) error // the last of t.Epochs has ended
	to99Epoch(t *To99) error // the last epoch of the last of t.Runs has ended
	end(r *Report) error
}

// jsonWriter writes all at the end.
type jsonWriter struct{ out io.Writer }

func (w jsonWriter) part(*Report) error { return nil }

func (w jsonWriter) epoch(*Training) error { return nil }

func (w jsonWriter) to99Epoch(*To99) error { return nil }

func (w jsonWriter) end(r *Report) error {
	e := json.NewEncoder(w.out)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// textWriter writes the report for people.
type textWriter struct {
	out   io.Writer
	text  bytes.Buffer // of the current part
	parts []func(r *Report)
}

func newTextWriter(out io.Writer) *textWriter {
	w := &textWriter{out: out}
	w.parts = []func(*Report){w.machine, w.notebook, w.training, w.passes, w.inference}
	return w
}

// newTo99Writer is for a run with -to99.
func newTo99Writer(out io.Writer) *textWriter {
	w := &textWriter{out: out}
	w.parts = []func(*Report){w.machine, w.to99}
	return w
}

func (w *textWriter) part(r *Report) error {
	w.parts[0](r)
	w.parts = w.parts[1:]
	return w.flush()
}

// epoch writes the last epoch, and before the first the heading of the part.
func (w *textWriter) epoch(t *Training) error {
	n := len(t.Epochs)
	if n == 1 {
		w.trainingHeading(t)
	}
	last := t.Epochs[n-1]
	w.line("   %-5d  %6.4f  %11.2f %%", n, last.Loss, 100*last.Accuracy)
	return w.flush()
}

// to99Epoch is like epoch for a run with -to99.
func (w *textWriter) to99Epoch(t *To99) error {
	run := t.Runs[len(t.Runs)-1]
	n := len(run.Epochs)
	if len(t.Runs) == 1 && n == 1 {
		w.to99Heading(t)
	}
	last, reached := run.Epochs[n-1], ""
	if run.Reached {
		reached = "  reached"
	}
	w.line("   %-4d  %5d  %6.4f  %11.2f %%  %7.2f%s", run.Seed, n, last.Loss, 100*last.Accuracy, last.Seconds, reached)
	return w.flush()
}

func (w *textWriter) flush() error {
	_, err := w.text.WriteTo(w.out)
	return err
}

func (w *textWriter) end(*Report) error { return nil }

func (w *textWriter) line(format string, args ...any) {
	fmt.Fprintf(&w.text, format+"\n", args...)
}

// table writes rows of cells: the first column to the left, the others to the
// right.
func (w *textWriter) table(rows [][]string) {
	for line := range strings.Lines(texttable.Format(rows, 1)) {
		w.text.WriteString("   " + line)
	}
}

func (w *textWriter) machine(r *Report) {
	m := r.Machine
	w.line("1. Machine\n")
	w.line("   %s, %s/%s, %s, %s, %s", m.CPU, m.OS, m.Arch, m.GoVersion, counted(m.Cores, "core"), counted(m.Workers, "worker"))
	w.line("   %s kernels: %s", m.Kernels, m.Reason)
	if m.PeakGFLOPS > 0 {
		w.line("   peak of one core: %.1f GFLOP/s, executing nothing but fused multiply-adds", m.PeakGFLOPS)
		return
	}
	w.line("   Portable kernels round every multiply-add as an FMA unit does, one at a time, and are")
	w.line("   slower than naive loops; their results have the same bits as the assembly's.")
}

func (w *textWriter) notebook(r *Report) {
	n := r.Notebook
	w.line("\n2. The teaching notebook's experiment: one epoch of LeNet-5\n")
	w.line("   %d digits resized to 32x32, raw pixels, batch %d, %d steps, the notebook's Adam at 0.01 and initial", n.Images, n.Batch, n.Steps)
	w.line("   weights. (Its own numpy code takes 4 to 5 s for one step.) naive is the textbook loops in Go, gonum is")
	w.line("   im2col and gonum's matrix product; speed-ups are over naive. (Loops written for speed, over slices cut to")
	w.line("   the row and past zeros, would be one and a half to two times as fast as naive.)\n")
	rows := [][]string{{"", "workers", "seconds", "us/image", "GFLOP/s", "of peak", "speed-up", "accuracy", "first loss", "loss difference"}}
	for i, e := range n.Entries {
		diff := ""
		if i > 0 {
			diff = fmt.Sprintf("%.1e", e.MaxLossDiff16)
		}
		rows = append(rows, []string{e.Name, fmt.Sprint(e.Workers), fmt.Sprintf("%.3f", e.Seconds), fmt.Sprintf("%.1f", e.MicrosPerImage),
			fmt.Sprintf("%.1f", e.GFLOPS), percent(e.PeakShare), fmt.Sprintf("%.1fx", e.Speedup),
			fmt.Sprintf("%.2f %%", 100*e.Accuracy), fmt.Sprintf("%.4f", e.FirstLoss), diff})
	}
	w.table(rows)
	w.line("\n   The loss difference is the largest to naive in the first %d steps. On raw pixels at this rate the", compareSteps)
	w.line("   training is chaotic: it doubles rounding errors step after step, and each implementation adds up in")
	w.line("   another order. Later losses differ, and accuracies by points; none of them is more right.")
}

func (w *textWriter) trainingHeading(t *Training) {
	w.line("\n3. Training: LeNet-5 on %d MNIST digits, tested on %d others\n", t.TrainImages, t.TestImages)
	w.line("   batch %d, Adam at a rate that falls from %g, %s, seed %d\n", t.Batch, initialRate, counted(t.Workers, "worker"), t.Seed)
	w.line("   epoch    loss  test accuracy")
}

// training writes what follows the epochs.
func (w *textWriter) training(r *Report) {
	t := r.Training
	w.line("\n   %.2f s, testing included.", t.Seconds)
	w.line("   SHA-256 of the weights, the same on every machine with these settings: %.16s...", t.Hash)
}

func (w *textWriter) to99Heading(t *To99) {
	w.line("\n2. Training to %g %%: LeNet-5 on %d MNIST digits, tested on %d others after every epoch\n", 100*t.Target, t.TrainImages, t.TestImages)
	w.line("   batch %d, at most %s, Adam at a rate that rises to %g and falls to 0, %s\n",
		t.Batch, counted(t.MaxEpochs, "epoch"), t.PeakRate, counted(t.Workers, "worker"))
	w.line("   seed  epoch    loss  test accuracy  seconds")
}

// to99 writes what follows the epochs.
func (w *textWriter) to99(r *Report) {
	t := r.To99
	w.line("\n   %d of %s reached %g %%.", t.Reached, counted(len(t.Runs), "training"), 100*t.Target)
	if t.Reached == len(t.Runs) {
		w.line("   From data in memory to there, tests included: %.2f s on average, %.2f s at worst.", t.MeanSeconds, t.WorstSeconds)
	}
}

func (w *textWriter) passes(r *Report) {
	peak := ""
	if r.Machine.PeakGFLOPS > 0 {
		peak = fmt.Sprintf(" (peak, measured again: %.1f GFLOP/s)", r.Machine.PeakGFLOPS)
	}
	w.line("\n4. Layer by layer: LeNet-5's training step, batch %d, one core%s\n", r.Training.Batch, peak)
	rows := [][]string{{"", "us/image", "GFLOP/s", "of peak", "naive us/image", "speed-up"}}
	for _, p := range r.Passes {
		rate, naive, speedup := "", "", ""
		if p.GFLOPS > 0 {
			rate = fmt.Sprintf("%.1f", p.GFLOPS)
		}
		if p.NaiveMicros > 0 {
			naive = fmt.Sprintf("%.2f", p.NaiveMicros)
			speedup = fmt.Sprintf("%.1fx", p.NaiveMicros/p.MicrosPerImage)
		}
		rows = append(rows, []string{p.Name, fmt.Sprintf("%.2f", p.MicrosPerImage), rate, percent(p.PeakShare), naive, speedup})
	}
	w.table(rows)
	if a := r.Augmentation; a != (Augmentation{}) {
		w.line("\n   Augmentation, if asked for, is no part of the step above. Workers distort the digits as they read them:")
		w.line("   shift, rotation, scale and shear %.2f us/image, with an elastic distortion %.2f us/image.", a.AffineMicros, a.ElasticMicros)
	}
}

func (w *textWriter) inference(r *Report) {
	l := r.Inference.OneImage
	w.line("\n5. Inference: LeNet-5's predictions\n")
	w.line("   one image, one core: median %.1f us, 99th percentile %.1f us\n", l.MedianMicros, l.P99Micros)
	rows := [][]string{{"batch", "workers", "us/image", "images/s"}}
	for _, t := range r.Inference.Throughput {
		rows = append(rows, []string{fmt.Sprint(t.Batch), fmt.Sprint(t.Workers), fmt.Sprintf("%.2f", t.MicrosPerImage), fmt.Sprintf("%.0f", t.ImagesPerSecond)})
	}
	w.table(rows)
}

// percent is a share for people; 0 means that there is none.
func percent(share float64) string {
	if share == 0 {
		return ""
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}

// counted is a number of things: "1 core", "2 cores".
func counted(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}
