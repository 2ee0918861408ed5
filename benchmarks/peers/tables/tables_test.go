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
	var out strings.Builder
	writeCases(&out, 1)
	if want := "op=conv2d/pass=fwd/shape=lenet2/batch=32 32 6 14 14 16 5 1 0\n"; !strings.Contains(out.String(), want) {
		t.Errorf("no %q in:\n%s", want, out.String())
	}
}
