package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var (
	slow   = flag.Bool("slow", false, "run the slow sweeps")
	update = flag.Bool("update", false, "rewrite the reports in testdata")
)

// withAssembly is a report in which every field has a value.
func withAssembly() *Report {
	return &Report{
		Machine: Machine{
			CPU: "Example CPU", OS: "linux", Arch: "amd64", GoVersion: "go1.26", Cores: 8, Workers: 4,
			Kernels: "avx2", Reason: "the CPU has AVX2 and FMA3", PeakGFLOPS: 100,
		},
		Notebook: Notebook{Images: 2000, Batch: 32, Steps: 62, Entries: []Implementation{
			{Name: "naive", Workers: 1, Seconds: 2.5, MicrosPerImage: 1250, GFLOPS: 2, PeakShare: 0.02, Speedup: 1,
				Accuracy: 0.75, FirstLoss: 2.3, LastLoss: 0.5},
			{Name: "lanes", Workers: 1, Seconds: 0.05, MicrosPerImage: 25, GFLOPS: 80, PeakShare: 0.8, Speedup: 50,
				Accuracy: 0.7425, FirstLoss: 2.3, LastLoss: 0.625, MaxLossDiff16: 2e-6, MaxLossDiffFull: 0.125},
			{Name: "lanes", Workers: 4, Seconds: 0.0125, MicrosPerImage: 6.25, GFLOPS: 320, PeakShare: 0.8, Speedup: 200,
				Accuracy: 0.7425, FirstLoss: 2.3, LastLoss: 0.625, MaxLossDiff16: 2e-6, MaxLossDiffFull: 0.125},
		}},
		Training: Training{
			Data: "test", TrainImages: 8000, TestImages: 2000, Batch: 32, Workers: 4, Seed: 1, Seconds: 0.5,
			Epochs: []Epoch{{Loss: 0.5, Accuracy: 0.9625}, {Loss: 0.125, Accuracy: 0.98}},
			Hash:   strings.Repeat("0123456789abcdef", 4),
		},
		Passes: []Pass{
			{Name: "training step", MicrosPerImage: 25, GFLOPS: 80, PeakShare: 0.8, NaiveMicros: 1250},
			{Name: "block transposition", MicrosPerImage: 0.125},
			{Name: "pool1 forward", MicrosPerImage: 0.25, NaiveMicros: 6.5},
		},
		Augmentation: Augmentation{AffineMicros: 5, ElasticMicros: 8},
		Inference: Inference{
			OneImage: Latency{Calls: 20000, MedianMicros: 60, P99Micros: 120},
			Throughput: []Throughput{
				{Batch: 8, Workers: 1, MicrosPerImage: 8, ImagesPerSecond: 125000},
				{Batch: 1024, Workers: 4, MicrosPerImage: 2, ImagesPerSecond: 500000},
			},
		},
	}
}

// portable is the report of one core without assembly.
func portable() *Report {
	r := withAssembly()
	r.Machine.CPU, r.Machine.Arch, r.Machine.Cores, r.Machine.Workers = "unknown arm64", "arm64", 1, 1
	r.Machine.Kernels, r.Machine.Reason, r.Machine.PeakGFLOPS = "generic", "this build has no assembly", 0
	r.Notebook.Entries = r.Notebook.Entries[:2]
	r.Training.Workers = 1
	for i := range r.Notebook.Entries {
		r.Notebook.Entries[i].PeakShare = 0
	}
	for i := range r.Passes {
		r.Passes[i].PeakShare = 0
	}
	return r
}

// to99 is the report of a run with -to99, where one training of the given
// number of seeds gets there in its first epoch and all others in their second,
// but for the last, which may fail.
func to99(seeds int, fails bool) *Report {
	r := &Report{Machine: withAssembly().Machine}
	r.To99 = To99{TrainImages: 60000, TestImages: 10000, Batch: 32, MaxEpochs: 2, PeakRate: 0.003, Target: 0.99, Workers: 4}
	for i := range seeds {
		run := To99Run{Seed: uint64(i + 1), Seconds: 1, Reached: true, Epochs: []To99Epoch{{Loss: 0.125, Accuracy: 0.99, Seconds: 1}}}
		if i > 0 {
			run.Seconds, run.Reached = 2.5, !fails || i < seeds-1
			run.Epochs[0].Accuracy = 0.9825
			run.Epochs = append(run.Epochs, To99Epoch{Loss: 0.0625, Accuracy: 0.9925, Seconds: 2.5})
			if !run.Reached {
				run.Epochs[1].Accuracy = 0.985
			}
		}
		r.To99.Runs = append(r.To99.Runs, run)
	}
	r.To99.sum()
	return r
}

// to99Written is such a report as a writer writes it.
func to99Written(t *testing.T, r *Report, w writer, out *bytes.Buffer) []byte {
	t.Helper()
	if err := w.part(r); err != nil {
		t.Fatal(err)
	}
	so := r.To99
	for i, run := range r.To99.Runs {
		so.Runs = append(slices.Clone(r.To99.Runs[:i]), run)
		for e := range run.Epochs {
			so.Runs[i].Epochs = run.Epochs[:e+1]
			so.Runs[i].Reached = run.Reached && e == len(run.Epochs)-1
			if err := w.to99Epoch(&so); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.part(r); err != nil {
		t.Fatal(err)
	}
	if err := w.end(r); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestTo99Reports is TestReports for runs with -to99: the text of all that may
// happen, the other formats of a run that fails and of one that does not.
func TestTo99Reports(t *testing.T) {
	for name, r := range map[string]*Report{"to99": to99(3, false), "to99-one": to99(1, false), "to99-fails": to99(2, true)} {
		for _, format := range []string{"txt", "json", "bench"} {
			var out bytes.Buffer
			w := map[string]writer{"txt": newTo99Writer(&out), "json": jsonWriter{&out}, "bench": benchWriter{&out}}[format]
			have := to99Written(t, r, w, &out)
			compare(t, filepath.Join("testdata", name+"."+format), have)
			if format == "bench" {
				checkBenchLines(t, string(have), "TrainTo99/")
			}
		}
	}
}

// written is the report as a writer writes it.
func written(t *testing.T, r *Report, newWriter func(io.Writer) writer) []byte {
	t.Helper()
	var out bytes.Buffer
	w := newWriter(&out)
	for part := 1; part <= 5; part++ {
		if part == 3 {
			epochs(t, w, r.Training)
		}
		if err := w.part(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.end(r); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// epochs tells a writer of the training's epochs, one after the other.
func epochs(t *testing.T, w writer, training Training) {
	t.Helper()
	for i := range training.Epochs {
		so := training
		so.Epochs, so.Seconds, so.Hash = training.Epochs[:i+1], 0, ""
		if err := w.epoch(&so); err != nil {
			t.Fatal(err)
		}
	}
}

// TestReports compares reports in all formats with testdata. For people who
// read them by program a change of keys or names is a change of interface.
func TestReports(t *testing.T) {
	formats := map[string]func(io.Writer) writer{
		"txt":   func(out io.Writer) writer { return newTextWriter(out) },
		"json":  func(out io.Writer) writer { return jsonWriter{out} },
		"bench": func(out io.Writer) writer { return benchWriter{out} },
	}
	for name, r := range map[string]*Report{"assembly": withAssembly(), "portable": portable()} {
		for format, newWriter := range formats {
			have := written(t, r, newWriter)
			compare(t, filepath.Join("testdata", name+"."+format), have)
			if format == "bench" {
				checkBench(t, string(have))
			}
		}
	}
}

// compare compares a report with a file, or with -update rewrites the file.
func compare(t *testing.T, file string, have []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, have, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, want) {
		t.Errorf("%s differs; if that is meant, run: go test ./cmd/lenet5bench -update\nhave:\n%s\nwant:\n%s", file, have, want)
	}
}

// checkBench reads a report of all parts in the format of Go benchmarks.
func checkBench(t *testing.T, report string) {
	t.Helper()
	checkBenchLines(t, report, "NotebookStep/impl=naive", "NotebookStep/impl=lanes", "TrainingEpoch/", "Pass/pass=training-step/impl=lanes", "PredictOne/", "Predict/")
}

// checkBenchLines reads a report that has benchmarks whose names begin so.
func checkBenchLines(t *testing.T, report string, names ...string) {
	t.Helper()
	setting := regexp.MustCompile(`^[a-z]+: \S.*$`)
	name := regexp.MustCompile(`^Benchmark[A-Z]\w*(/[a-z]+=[\w.-]+)*$`)
	seen := make(map[string]bool)
	for line := range strings.Lines(report) {
		line = strings.TrimSuffix(line, "\n")
		if setting.MatchString(line) {
			continue
		}
		fields := strings.Split(line, " ")
		if len(fields) < 4 || len(fields)%2 != 0 || !name.MatchString(fields[0]) || seen[fields[0]] {
			t.Errorf("not a line of a benchmark of its own: %q", line)
			continue
		}
		seen[fields[0]] = true
		if n, err := strconv.Atoi(fields[1]); err != nil || n < 1 {
			t.Errorf("no number of iterations: %q", line)
		}
		for i := 2; i < len(fields); i += 2 {
			if v, err := strconv.ParseFloat(fields[i], 64); err != nil || v < 0 || fields[i+1] == "" {
				t.Errorf("no value and unit: %q", line)
			}
		}
	}
	for _, want := range names {
		if !strings.Contains(report, "\nBenchmark"+want) {
			t.Errorf("no Benchmark%s", want)
		}
	}
}

func TestPercent(t *testing.T) {
	for share, want := range map[float64]string{0: "", 0.004: "0 %", 0.125: "12 %", 0.996: "100 %", 1.1: "110 %"} {
		if have := percent(share); have != want {
			t.Errorf("percent(%v) = %q, want %q", share, have, want)
		}
	}
}

func TestCounted(t *testing.T) {
	for n, want := range map[int]string{0: "0 cores", 1: "1 core", 2: "2 cores"} {
		if have := counted(n, "core"); have != want {
			t.Errorf("counted(%d) = %q, want %q", n, have, want)
		}
	}
}

// fullRun runs the whole command as in a pipe, where there is no progress bar.
func fullRun(t *testing.T, args ...string) string {
	t.Helper()
	if !*slow {
		t.Skip("takes half a minute: run with -slow")
	}
	status, stdout, stderr := command(t.Context(), args...)
	if status != 0 || stderr != "" {
		t.Fatalf("status %d, messages %q, want 0 and none", status, stderr)
	}
	return stdout
}

func TestRunText(t *testing.T) {
	out := fullRun(t, "-epochs", "1")
	headings := regexp.MustCompile(`(?m)^\d\. [A-Z][\w' ]+`).FindAllString(out, -1)
	if len(headings) != 5 {
		t.Errorf("want five headings, have %q", headings)
	}
}

func TestRunBench(t *testing.T) { checkBench(t, fullRun(t, "-bench", "-epochs", "1")) }

func TestRunJSON(t *testing.T) {
	d := json.NewDecoder(strings.NewReader(fullRun(t, "-json")))
	d.DisallowUnknownFields()
	var r Report
	if err := d.Decode(&r); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Token(); err != io.EOF {
		t.Errorf("more than one object: %v", err)
	}
	checkMachine(t, r.Machine)
	checkNotebook(t, r)
	checkTraining(t, r.Training)
	checkPasses(t, r)
	if a := r.Augmentation; !(a.AffineMicros > 0 && a.ElasticMicros > a.AffineMicros) {
		t.Errorf("augmentation: %+v", a)
	}
	checkInference(t, r.Inference)
}

func checkMachine(t *testing.T, m Machine) {
	if m.CPU == "" || m.OS == "" || m.Arch == "" || m.GoVersion == "" || m.Reason == "" || m.Cores < 1 || m.Workers < 1 {
		t.Errorf("machine: %+v", m)
	}
	if (m.Kernels == "avx2") != (m.PeakGFLOPS > 0) {
		t.Errorf("peak %v GFLOP/s with %s kernels", m.PeakGFLOPS, m.Kernels)
	}
}

// checkShare wants a share of the peak where there is one.
func checkShare(t *testing.T, what string, share, peak, rate float64) {
	t.Helper()
	if peak*rate == 0 && share != 0 || peak*rate > 0 && !(share > 0 && share <= 1.1) {
		t.Errorf("%s: share of the peak %v, of rate %v and peak %v", what, share, rate, peak)
	}
}

func checkNotebook(t *testing.T, r Report) {
	n := r.Notebook
	if n.Images != 2000 || n.Batch != 32 || n.Steps != 62 {
		t.Errorf("notebook: %+v", n)
	}
	var names []string
	for _, e := range n.Entries {
		names = append(names, e.Name)
		if e.Seconds <= 0 || e.MicrosPerImage <= 0 || e.GFLOPS <= 0 || e.Workers < 1 || e.Accuracy < 0.5 || e.Accuracy > 1 {
			t.Errorf("notebook: %+v", e)
		}
		if !(e.MaxLossDiff16 <= 1e-4) || !(e.MaxLossDiffFull >= e.MaxLossDiff16) || e.FirstLoss < 2 || e.LastLoss <= 0 {
			t.Errorf("notebook: losses of %s: %+v", e.Name, e)
		}
		checkShare(t, e.Name, e.PeakShare, r.Machine.PeakGFLOPS, e.GFLOPS)
		t.Logf("%s on %s is %.1f times as fast as naive", e.Name, counted(e.Workers, "core"), e.Speedup)
	}
	want := "naive gonum lanes"
	if r.Machine.Workers > 1 {
		want += " lanes"
	}
	if have := strings.Join(names, " "); have != want {
		t.Errorf("notebook: have %q, want %q", have, want)
	}
}

func checkTraining(t *testing.T, r Training) {
	if r.Data != "test" || r.TrainImages != 8000 || r.TestImages != 2000 || r.Batch != 32 || r.Workers < 1 || r.Seed != 1 || r.Seconds <= 0 {
		t.Errorf("training: %+v", r)
	}
	if !regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString(r.Hash) {
		t.Errorf("training: hash %q", r.Hash)
	}
	if len(r.Epochs) == 0 {
		t.Fatal("training: no epochs")
	}
	if last := r.Epochs[len(r.Epochs)-1]; !(last.Accuracy >= 0.95 && last.Accuracy <= 1 && last.Loss > 0) {
		t.Errorf("training: last epoch %+v", last)
	}
}

func checkPasses(t *testing.T, r Report) {
	if len(r.Passes) < 20 || r.Passes[0].Name != "training step" {
		t.Errorf("want the training step and its passes, have %d", len(r.Passes))
	}
	seen := make(map[string]bool)
	for _, p := range r.Passes {
		if p.Name == "" || seen[p.Name] || p.MicrosPerImage <= 0 || p.GFLOPS < 0 || p.NaiveMicros < 0 {
			t.Errorf("pass: %+v", p)
		}
		seen[p.Name] = true
		checkShare(t, p.Name, p.PeakShare, r.Machine.PeakGFLOPS, p.GFLOPS)
	}
}

func checkInference(t *testing.T, r Inference) {
	if l := r.OneImage; l.Calls < 100 || l.MedianMicros <= 0 || l.P99Micros < l.MedianMicros {
		t.Errorf("inference: %+v", l)
	}
	if len(r.Throughput) < 3 {
		t.Errorf("inference: %d measurements", len(r.Throughput))
	}
	for _, p := range r.Throughput {
		if p.Batch < 1 || p.Workers < 1 || p.MicrosPerImage <= 0 || p.ImagesPerSecond <= 0 {
			t.Errorf("inference: %+v", p)
		}
	}
}
