package main

import (
	"fmt"
	"math"

	"github.com/simdlanes/lanes/benchmarks/cases"
	"github.com/simdlanes/lanes/kernels"
)

// area is what is shown in one table.
type area struct {
	title   string
	note    string
	unit    string // of the times or rates
	rows    []row
	columns []column                            // beyond the times or rates and their ratio
	summary func(r results, workers int) string // below the table; none if ""
	workers []int                               // the numbers of cores to show it for; all, if nil
}

// row is one case.
type row struct {
	title  string
	key    string
	amount float64 // what a time is divided by or into, depending on the area's unit
	memory cases.Elementwise
}

// column is a value that is computed for lanes' time on a row.
type column struct {
	title string
	value func(r results, row row, workers int) string
}

// peers are all implementations but lanes, in the order of the columns.
var peers = []string{"gonum", "gorgonia", "onednn", "openblas", "blis", "pytorch", "onnxruntime", cKernels}

// Units. Rates are amounts over time, times are of one of so many things.
const (
	rate    = "GFLOP/s"
	micros  = "µs"
	seconds = "s"
)

func areas() []area {
	return []area{
		{title: "Convolutions of LeNet-5", unit: rate, rows: convRows(cases.LeNetConvs()), columns: []column{ofPeak}},
		{title: "Larger convolutions", unit: rate, rows: convRows(cases.LargerConvs()), columns: []column{ofPeak}, summary: geometricMean},
		{title: "Depthwise convolutions", unit: rate, rows: convRows(cases.DepthwiseConvs()), columns: []column{ofPeak},
			note: "Of each channel alone. Their 18 FLOPs for each number are too few to come near the peak once the batch does not fit into a cache."},
		{title: "Matrix products: squares", unit: rate, rows: productRows(cases.Squares()), columns: []column{ofPeak}},
		{title: "Matrix products: skinny", unit: rate, rows: productRows(skinny()), columns: []column{ofPeak},
			note: "m x n x k; of the two letters one is T if A or B is stored as its transpose. A dense layer's forward pass is NT, its gradient of the input NN, of the weights TN."},
		{title: "A program that uses gonum's blas32", unit: rate, rows: blas32Rows(), columns: []column{ofPeak},
			note: "As it is, and after blas32.Use(gonumblas.New(0)). Both choose by themselves which products to share among the cores."},
		memoryArea("Element-wise", cases.Memory(),
			"A copy is of as much memory as the operation touches, from one half of it to the other."),
		memoryArea("Pooling of larger networks", cases.Poolings(),
			"3x3s2: windows of 3 x 3, 2 apart, with a padding of 1, which averages do not count."),
		memoryArea("Activations as layers", cases.Activations(), ""),
		memoryArea("Batch normalisation and dropout in training", cases.Normalisations(),
			"Batch normalisation includes the statistics of the batch forward, and the gradients of scale and shift backward: each value is read twice. A dropout of lanes computes its masks anew on the way back, that of PyTorch stores them."),
		{title: "LeNet-5: a training step", unit: micros + " an image", rows: stepRows(), columns: []column{ofPeak, allocated},
			note: "\"" + cKernels + "\" is a sum: for each convolution, pooling and matrix product of the step, the best of the libraries above. It leaves out all that is between them."},
		{title: "LeNet-5 with other layers: a training step", unit: micros + " an image", rows: variantRows(), columns: []column{toLeNet5, allocated},
			note: "Batch normalisation between each convolution and its ReLU; dropout of a half after each hidden dense layer."},
		{title: "LeNet-5: prediction", unit: micros + " an image", rows: predictRows(), columns: []column{allocated},
			note: "Of one image alone, the median."},
		{title: "LeNet-5: an epoch on 60,000 images", unit: seconds, rows: []row{{title: "batch 32, shuffled", key: cases.Epoch, amount: 1}}},
		{title: "LeNet-5: from data in memory to 99 %", unit: seconds, rows: to99Rows(), summary: meanAndWorst,
			note: "On the test set of MNIST, evaluated at the ends of epochs, that time included."},
	}
}

func convRows(convs []cases.Conv) (rows []row) {
	for _, c := range convs {
		rows = append(rows, row{title: convTitle(c), key: c.Key(), amount: c.FLOPs()})
	}
	return rows
}

// convTitle is channels, filter, image, batch and pass. Depthwise ones have as many
// channels as filters.
func convTitle(c cases.Conv) string {
	title := fmt.Sprintf("%d→%d, %dx%d", c.C, c.Filters, c.Size, c.Size)
	if c.Groups > 1 {
		title = fmt.Sprintf("%d, %dx%d", c.C, c.Size, c.Size)
	}
	if c.Stride > 1 {
		title += fmt.Sprintf(" stride %d", c.Stride)
	}
	if c.Pad > 0 {
		title += fmt.Sprintf(" pad %d", c.Pad)
	}
	return title + fmt.Sprintf(", %dx%d, n %d: %s", c.H, c.W, c.Batch, c.Pass)
}

func productRows(products []cases.Product) (rows []row) {
	for _, p := range products {
		rows = append(rows, row{title: productTitle(p), key: p.Key(), amount: p.FLOPs()})
	}
	return rows
}

func blas32Rows() (rows []row) {
	for _, p := range cases.Blas32() {
		rows = append(rows, row{title: productTitle(p), key: p.Blas32Key(), amount: p.FLOPs()})
	}
	return rows
}

func productTitle(p cases.Product) string {
	return fmt.Sprintf("%d x %d x %d %s", p.M, p.N, p.K, p.Trans())
}

// skinny returns all products but the squares.
func skinny() []cases.Product { return cases.Products()[len(cases.Squares()):] }

// memoryArea is of operations that move more than they compute, on one core.
func memoryArea(title string, ops []cases.Elementwise, note string) area {
	a := area{title: title, note: note, unit: micros, columns: []column{throughput, ofCopy}, workers: []int{1}}
	for _, e := range ops {
		title := fmt.Sprintf("%s %s, %d x %d x %d x %d", e.Op, e.Pass, e.Batch, e.C, e.H, e.W)
		a.rows = append(a.rows, row{title: title, key: e.Key(), amount: 1, memory: e})
	}
	return a
}

func stepRows() (rows []row) {
	for _, batch := range []int{32, 256} {
		rows = append(rows, row{title: fmt.Sprintf("batch %d", batch), key: cases.Step(batch), amount: float64(batch)})
	}
	return rows
}

func variantRows() []row {
	const batch = 32
	return []row{
		{title: "batch 32, with batch normalisation", key: cases.StepOf(cases.LeNet5BatchNorm, batch), amount: batch},
		{title: "batch 32, with dropout", key: cases.StepOf(cases.LeNet5Dropout, batch), amount: batch},
	}
}

func predictRows() (rows []row) {
	for _, batch := range []int{1, 256} {
		rows = append(rows, row{title: fmt.Sprintf("batch %d", batch), key: cases.Predict(batch), amount: float64(batch)})
	}
	return rows
}

func to99Rows() (rows []row) {
	for seed := 1; seed <= cases.Seeds; seed++ {
		rows = append(rows, row{title: fmt.Sprintf("seed %d", seed), key: cases.To99(seed), amount: 1})
	}
	return rows
}

// meanAndWorst sums up the trainings of all seeds.
func meanAndWorst(r results, workers int) string {
	sum, worst := 0.0, 0.0
	for _, row := range to99Rows() {
		t := r.time(row.key, "lanes", workers) / 1e9
		if t == 0 {
			return fmt.Sprintf("Not all %d seeds reached it.", cases.Seeds)
		}
		sum += t
		worst = max(worst, t)
	}
	return fmt.Sprintf("Mean %.2f s, worst %.2f s.", sum/cases.Seeds, worst)
}

var ofPeak = column{"of peak", func(r results, row row, workers int) string {
	flops := row.amount
	if row.key == cases.Step(int(row.amount)) {
		flops *= cases.LeNetFLOPs()
	}
	return percent(flops / r.time(row.key, "lanes", workers) / r.peak(workers))
}}

// peak returns the rate of independent multiply-adds on so many cores, in
// GFLOP/s.
func (r results) peak(workers int) float64 {
	return float64(workers) * cases.PeakRounds * kernels.PeakFLOPs / r.time(cases.Peak, "lanes", workers)
}

var throughput = column{"GB/s", func(r results, row row, workers int) string {
	return fmt.Sprintf("%.1f", float64(row.memory.Traffic())/r.time(row.key, "lanes", workers))
}}

var ofCopy = column{"of a copy", func(r results, row row, workers int) string {
	own := float64(row.memory.Traffic()) / r.time(row.key, "lanes", workers)
	copied := float64(row.memory.Touched()) / r.time(row.key, "copy", workers)
	return percent(own / copied)
}}

// toLeNet5 compares with the time of a step of LeNet-5 itself, if that was
// measured.
var toLeNet5 = column{"to LeNet-5", func(r results, row row, workers int) string {
	plain := r.time(cases.Step(int(row.amount)), "lanes", workers)
	if plain == 0 {
		return none
	}
	return ratio(r.time(row.key, "lanes", workers) / plain)
}}

var allocated = column{"allocations", func(r results, row row, workers int) string {
	return fmt.Sprint(r.values[cases.Name(row.key, "lanes", workers)+" "+allocations])
}}

// scaling compares with the time on one core.
var scaling = column{"to one core", func(r results, row row, workers int) string {
	return ratio(r.time(row.key, "lanes", 1) / r.time(row.key, "lanes", workers))
}}

// geometricMean sums up how lanes compares with the best peer on larger
// convolutions.
func geometricMean(r results, workers int) string {
	sum, n := 0.0, 0
	for _, c := range cases.LargerConvs() {
		lanes, peer := r.time(c.Key(), "lanes", workers), r.fastest(c.Key(), peers, workers)
		if lanes > 0 && peer > 0 {
			sum += math.Log(peer / lanes)
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("Geometric mean of the ratios: %s.", ratio(math.Exp(sum/float64(n))))
}

// cKernels is the name of what would be a training step if it were nothing but
// the best kernels of the libraries.
const cKernels = "best kernels"

// addBestKernels adds the sum of the best kernels to what was measured, if all
// of them were.
func (r results) addBestKernels() {
	const batch, workers = 32, 1
	var keys []string
	for _, c := range cases.LeNetConvs() {
		keys = append(keys, c.Key())
	}
	for _, e := range cases.Memory() {
		if e.Op == cases.MaxPool && e.Batch == batch {
			keys = append(keys, e.Key())
		}
	}
	for _, p := range cases.LeNetDense(batch) {
		keys = append(keys, p.Key())
	}
	sum := 0.0
	for _, key := range keys {
		t := r.fastest(key, peers, workers)
		if t == 0 {
			return
		}
		sum += t
	}
	r.values[cases.Name(cases.Step(batch), cKernels, workers)+" "+nanoseconds] = sum
}
