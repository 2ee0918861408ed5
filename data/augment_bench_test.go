package data_test

import (
	"testing"

	"github.com/simdlanes/lanes/data"
	"github.com/simdlanes/lanes/internal/fewdigits"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/mnist"
	"github.com/simdlanes/lanes/net"
)

// BenchmarkAugment distorts eight digits, as a worker of a training reads them.
func BenchmarkAugment(b *testing.B) {
	images := fewdigits.Padded(b, 0, 10_000).Examples(mnist.Unit)
	affine := data.Augment{Shift: 2, Rotate: 10, Scale: 0.1, Shear: 10}
	elastic := affine
	elastic.Elastic = 1
	for name, a := range map[string]data.Augment{"none": {}, "affine": affine, "elastic": elastic} {
		b.Run(name, func(b *testing.B) {
			d, err := a.Dataset(images, layer.Image(1, 32, 32))
			if err != nil {
				b.Fatal(err)
			}
			benchmarkRead(b, d)
		})
	}
}

func benchmarkRead(b *testing.B, d net.Dataset) {
	const block = 8
	x, labels, indices := make([]float32, block*32*32), make([]int, block), make([]int, block)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		for j := range indices {
			indices[j] = n % d.Len()
			n++
		}
		if err := d.Read(x, labels, indices); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/image")
}
