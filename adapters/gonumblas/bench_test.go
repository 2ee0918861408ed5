package gonumblas

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// shapes are the products that are measured, m, n, k: squares, and what small
// networks are made of.
var shapes = [][3]int{
	{8, 8, 8}, {16, 16, 16}, {32, 32, 32}, {64, 64, 64}, {128, 128, 128}, {256, 256, 256}, {512, 512, 512}, {1024, 1024, 1024},
	{32, 120, 400}, {32, 84, 120}, {32, 10, 84}, {400, 120, 32}, {256, 120, 400}, {6, 784, 25}, {16, 100, 150}, {64, 3136, 576},
	{1, 400, 400}, {4000, 10, 100},
}

// contestants are gonum, which takes as many cores as there are for large
// products, and lanes with one worker and as many as there are cores.
func contestants(b *testing.B) (all []contestant) {
	cores := runtime.GOMAXPROCS(0)
	all = []contestant{{"gonum", cores, gonum.Implementation{}}, {"lanes", 1, &BLAS{}}}
	if cores > 1 {
		shared := New(0)
		b.Cleanup(shared.Close)
		all = append(all, contestant{"lanes", cores, shared})
	}
	return all
}

type contestant struct {
	name    string
	workers int
	blas.Float32
}

// BenchmarkSgemm compares with gonum; to see one core alone, use -cpu 1.
//
//	go test -run '^$' -bench Sgemm -cpu 1,2 ./adapters/gonumblas
func BenchmarkSgemm(b *testing.B) {
	all := contestants(b)
	r := rand.New(rand.NewPCG(1, 1))
	for _, s := range shapes {
		for _, trans := range []string{"NN", "NT", "TN"} {
			g := gemm{tA: blas.Transpose(trans[0]), tB: blas.Transpose(trans[1]), m: s[0], n: s[1], k: s[2], alpha: 1}
			var la, lb int
			la, g.lda = stored(g.tA, g.m, g.k, 0)
			lb, g.ldb = stored(g.tB, g.k, g.n, 0)
			g.a, g.b, g.c, g.ldc = normals(r, la), normals(r, lb), make([]float32, g.m*g.n), g.n
			for _, c := range all {
				b.Run(fmt.Sprintf("op=sgemm/trans=%s/shape=%dx%dx%d/impl=%s/workers=%d", trans, g.m, g.n, g.k, c.name, c.workers), func(b *testing.B) {
					for b.Loop() {
						c.Sgemm(g.tA, g.tB, g.m, g.n, g.k, g.alpha, g.a, g.lda, g.b, g.ldb, 0, g.c, g.ldc)
					}
					flops := 2 * float64(g.m) * float64(g.n) * float64(g.k) * float64(b.N)
					b.ReportMetric(flops/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
				})
			}
		}
	}
}

// BenchmarkSgemv is like BenchmarkSgemm.
func BenchmarkSgemv(b *testing.B) {
	all := contestants(b)[:2] // one worker: others do not take part
	r := rand.New(rand.NewPCG(1, 1))
	for _, s := range [][2]int{{10, 84}, {84, 120}, {120, 400}, {400, 120}, {1000, 10}, {1000, 64}, {256, 256}, {1024, 1024}} {
		a, x, y := normals(r, s[0]*s[1]), normals(r, max(s[0], s[1])), make([]float32, max(s[0], s[1]))
		for _, trans := range "NT" {
			for _, c := range all {
				b.Run(fmt.Sprintf("op=sgemv/trans=%c/shape=%dx%d/impl=%s", trans, s[0], s[1], c.name), func(b *testing.B) {
					for b.Loop() {
						c.Sgemv(blas.Transpose(trans), s[0], s[1], 1, a, s[1], x, 1, 0, y, 1)
					}
					b.ReportMetric(2*float64(s[0]*s[1])*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
				})
			}
		}
	}
}
