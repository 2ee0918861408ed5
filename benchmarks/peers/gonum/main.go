// Gonum measures gonum's matrix product, and how much faster a program that uses
// gonum becomes with the one of lanes.
package main

import (
	"math/rand/v2"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"github.com/simdlanes/lanes/adapters/gonumblas"
	"github.com/simdlanes/lanes/benchmarks/cases"
	"github.com/simdlanes/lanes/benchmarks/peers/measure"
)

func main() {
	run := measure.Parse("gonum")
	for _, c := range cases.All(run.Workers) {
		if p, ok := c.(cases.Product); ok && run.Wants(p.Key()) {
			run.Report(p.Key(), run.Best(product(gonum.Implementation{}, p)))
		}
	}
	lanes := gonumblas.New(run.Workers)
	defer lanes.Close()
	for _, p := range cases.Blas32() {
		if !run.Wants(p.Blas32Key()) {
			continue
		}
		run.Report(p.Blas32Key(), run.Best(product(gonum.Implementation{}, p)))
		run.ReportAs("lanes", p.Blas32Key(), run.Best(product(lanes, p)))
	}
}

func product(blas32 blas.Float32Level3, p cases.Product) func() {
	a, b, c := normals(p.M*p.K), normals(p.K*p.N), make([]float32, p.M*p.N)
	transA, transB, lda, ldb := blas.NoTrans, blas.NoTrans, p.K, p.N
	if p.TransA {
		transA, lda = blas.Trans, p.M
	}
	if p.TransB {
		transB, ldb = blas.Trans, p.K
	}
	return func() { blas32.Sgemm(transA, transB, p.M, p.N, p.K, 1, a, lda, b, ldb, 0, c, p.N) }
}

func normals(n int) []float32 {
	random := rand.New(rand.NewPCG(1, 1))
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(random.NormFloat64())
	}
	return values
}
