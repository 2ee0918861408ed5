package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/simdlanes/lanes/benchmarks/cases"
)

// lines are the measurements of a small run: two rounds, in the second of
// which lanes was slower.
func lines() string {
	var b strings.Builder
	line := func(key, impl string, workers int, ns float64, more string) {
		fmt.Fprintf(&b, "BenchmarkPeers/%s 1 %v ns/op%s\n", cases.Name(key, impl, workers), ns, more)
	}
	b.WriteString("machine: a test\ncommit: abc: dirty\n")
	conv := cases.LeNetConvs()[0] // 7.5264 MFLOP
	larger := cases.LargerConvs()[0]
	for _, slower := range []float64{1, 1.5} {
		line(cases.Peak, "lanes", 1, 20_000*slower, "")
		line(cases.Peak, "lanes", 2, 20_000*slower, "")
		line(conv.Key(), "onednn", 1, 200_000, "")
		line(conv.Key(), "lanes", 1, 100_000*slower, "")
		line(conv.Key(), "lanes", 2, 50_000*slower, "")
		line(larger.Key(), "onednn", 1, 3e6, "")
		line(larger.Key(), "lanes", 1, 2e6*slower, "")
		line(cases.Step(32), "lanes", 1, 1_600_000*slower, fmt.Sprintf(" %v allocs/op", slower))
	}
	return b.String()
}

func tables(t *testing.T, in string) string {
	t.Helper()
	r, err := read(strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	r.write(&out)
	return out.String()
}

func TestTables(t *testing.T) {
	got := tables(t, lines())
	for _, want := range []string{
		"- machine: a test\n- commit: abc: dirty\n- peak of one core: 96.0 GFLOP/s\n- peak of 2 cores: 192.0 GFLOP/s\n",
		"## Convolutions of LeNet-5, one core\n\n| GFLOP/s | onednn | **lanes** | ratio | of peak |\n| --- | --: | --: | --: | --: |\n" +
			"| 1→6, 5x5, 32x32, n 32: fwd | 37.6 | 75.3 | 2.00 | 78 % |\n\n",
		"## Convolutions of LeNet-5, 2 cores\n\n| GFLOP/s | **lanes** | ratio | of peak | to one core |\n| --- | --: | --: | --: | --: |\n" +
			"| 1→6, 5x5, 32x32, n 32: fwd | 150.5 | – | 78 % | 2.00 |\n",
		"\nGeometric mean of the ratios: 1.50.\n",
		"| batch 32 | 50.00 | – | 47 % | 1.5 |\n", // the most allocations of all rounds
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
	if strings.Contains(got, "skinny") {
		t.Error("there is a table of matrix products, of which none was measured")
	}
}

// TestBestKernels wants the sum of all kernels of a step, or none.
func TestBestKernels(t *testing.T) {
	var b strings.Builder
	n := 0
	add := func(key string) {
		n++
		fmt.Fprintf(&b, "BenchmarkPeers/%s 1 5000 ns/op\n", cases.Name(key, "blis", 1))
		fmt.Fprintf(&b, "BenchmarkPeers/%s 1 1000 ns/op\n", cases.Name(key, "onednn", 1))
	}
	for _, c := range cases.All(1) {
		add(c.Key())
	}
	r, err := read(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	r.addBestKernels()
	const kernels = 5 + 4 + 9 // convolutions, poolings, products
	if got := r.time(cases.Step(32), cKernels, 1); got != kernels*1000 {
		t.Errorf("the best kernels take %v ns, want %v", got, kernels*1000)
	}

	r, err = read(strings.NewReader(strings.SplitAfterN(b.String(), "\n", 2)[0]))
	if err != nil {
		t.Fatal(err)
	}
	r.addBestKernels()
	if got := r.time(cases.Step(32), cKernels, 1); got != 0 {
		t.Errorf("one kernel makes a step of %v ns", got)
	}
}

func TestTo99(t *testing.T) {
	var b strings.Builder
	for seed := 1; seed <= cases.Seeds; seed++ {
		fmt.Fprintf(&b, "BenchmarkPeers/%s 1 %d ns/op\n", cases.Name(cases.To99(seed), "lanes", 2), seed*1e9)
	}
	if got, want := tables(t, b.String()), "\nMean 5.50 s, worst 10.00 s.\n"; !strings.Contains(got, want) {
		t.Errorf("no %q in:\n%s", want, got)
	}
}

// TestNewLayers wants depthwise convolutions by their channels, and what batch
// normalisation moves, and costs in a step.
func TestNewLayers(t *testing.T) {
	var b strings.Builder
	add := func(key, impl string, ns float64) {
		fmt.Fprintf(&b, "BenchmarkPeers/%s 1 %v ns/op 0 allocs/op\n", cases.Name(key, impl, 1), ns)
	}
	add(cases.Peak, "lanes", 20_000)
	add(cases.DepthwiseConvs()[0].Key(), "lanes", 50_000) // 8*32*82*82*2 FLOP
	batchNorm := cases.Normalisations()[0]                // 12 bytes for each of 8*16*28*28 values
	add(batchNorm.Key(), "lanes", 20_000)
	add(batchNorm.Key(), "copy", 4_000)
	add(batchNorm.Key(), "onednn", 30_000)
	add(batchNorm.Key(), "pytorch", 60_000)
	add(cases.Step(32), "lanes", 800_000)
	add(cases.StepOf(cases.LeNet5BatchNorm, 32), "lanes", 1_000_000)
	got := tables(t, b.String())
	for _, want := range []string{
		"## Depthwise convolutions, one core\n",
		"| 32, 3x3 pad 1, 28x28, n 8: fwd | 68.9 | – | 72 % |\n",
		"| µs | onednn | pytorch | **lanes** | ratio | GB/s | of a copy |\n",
		"| batchnorm fwd, 8 x 16 x 28 x 28 | 30.00 | 60.00 | 20.00 | 1.50 | 60.2 | 30 % |\n",
		"| batch 32, with batch normalisation | 31.25 | – | 1.25 | 0 |\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
}

func TestReadErrors(t *testing.T) {
	for _, in := range []string{
		"BenchmarkPeers/op=peak 1 12 ns/op 3",
		"BenchmarkPeers/op=peak 1",
		"BenchmarkPeers/op=peak 1 fast ns/op",
		"Segmentation fault",
	} {
		if _, err := read(strings.NewReader(in)); err == nil {
			t.Errorf("%q is taken", in)
		}
	}
}

func TestWriteCases(t *testing.T) {
	list := func(workers int, only string) string {
		var out strings.Builder
		if err := writeCases(&out, workers, only); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	all := list(1, "")
	for _, want := range []string{
		"op=conv2d/pass=fwd/shape=lenet2/batch=32 32 6 14 14 16 5 1 0 1\n",
		"op=conv2d/pass=data/shape=depthwise32-3x3s2-28/batch=8 8 32 28 28 32 3 2 1 32\n",
		"op=avgpool-global/pass=fwd/shape=128x7x7/batch=8 8 128 7 7 7 7 0\n",
		"op=batchnorm/pass=bwd/shape=128x1x1/batch=32 32 128 1 1\n",
		"op=epoch/net=lenet5/batch=32\n",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in:\n%s", want, all)
		}
	}
	if got, want := list(2, "op=step.*batch=256"), "op=step/net=lenet5/batch=256\n"; got != want {
		t.Errorf("only steps of 256: have %q, want %q", got, want)
	}
	if got := list(1, "op=nothing"); got != "" {
		t.Errorf("only what there is not: have %q", got)
	}
	if err := writeCases(new(strings.Builder), 1, "("); err == nil {
		t.Error("( is taken for a regular expression")
	}
}
