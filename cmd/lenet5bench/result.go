package main

// Report is everything that the command measures, and the object that -json
// writes: without -to99 all but To99, with it Machine and To99. Times are in the unit that ends a key's name; rates are in GFLOP/s of
// useful arithmetic: two operations for each product of a weight and an
// activation, nothing for padding.
type Report struct {
	Machine      Machine      `json:"machine"`
	Notebook     Notebook     `json:"notebook,omitzero"`
	Training     Training     `json:"training,omitzero"`
	Passes       []Pass       `json:"passes,omitzero"`
	Augmentation Augmentation `json:"augmentation,omitzero"`
	Inference    Inference    `json:"inference,omitzero"`
	To99         To99         `json:"to99,omitzero"`
}

// Machine is where the report was made.
type Machine struct {
	CPU        string  `json:"cpu"`         // brand name
	OS         string  `json:"os"`          // GOOS
	Arch       string  `json:"arch"`        // GOARCH
	GoVersion  string  `json:"go"`          // version of the Go toolchain
	Cores      int     `json:"cores"`       // GOMAXPROCS
	Workers    int     `json:"workers"`     // goroutines that share the work where it is shared
	Kernels    string  `json:"kernels"`     // "avx2" or "generic"
	Reason     string  `json:"reason"`      // why these kernels
	PeakGFLOPS float64 `json:"peak_gflops"` // best rate of independent FMAs on one core; 0 without assembly
}

// Notebook is the teaching notebook's experiment: one epoch on the first 2,000
// test digits, resized to 32 x 32, raw pixels, batches of 32.
type Notebook struct {
	Images  int              `json:"images"`
	Batch   int              `json:"batch"`
	Steps   int              `json:"steps"`
	Entries []Implementation `json:"implementations"` // naive, gonum, lanes on one core; lanes on all workers if there are more
}

// Implementation is one implementation's run of the notebook's experiment.
type Implementation struct {
	Name            string  `json:"name"`              // naive, gonum or lanes
	Workers         int     `json:"workers"`           // goroutines that shared the work
	Seconds         float64 `json:"seconds"`           // best epoch
	MicrosPerImage  float64 `json:"us_per_image"`      // of a training step
	GFLOPS          float64 `json:"gflops"`            // of a training step
	PeakShare       float64 `json:"peak_share"`        // GFLOPS / (peak * cores at work: workers, but no more than the machine has); 0 without a peak
	Speedup         float64 `json:"speedup"`           // over naive
	Accuracy        float64 `json:"accuracy"`          // on the 2,000 digits trained on
	FirstLoss       float64 `json:"first_loss"`        // mean loss of the first batch
	LastLoss        float64 `json:"last_loss"`         // of the last batch
	MaxLossDiff16   float64 `json:"max_loss_diff_16"`  // largest difference to naive's losses in the first 16 steps
	MaxLossDiffFull float64 `json:"max_loss_diff_all"` // in all steps
}

// Training is a real training, validated on digits it does not see.
type Training struct {
	Data        string  `json:"data"`         // "test" or "full", as -mnist
	TrainImages int     `json:"train_images"` // digits trained on
	TestImages  int     `json:"test_images"`  // digits tested on
	Batch       int     `json:"batch"`
	Workers     int     `json:"workers"`
	Seed        uint64  `json:"seed"`
	Seconds     float64 `json:"seconds"`        // training and validation, all epochs
	Epochs      []Epoch `json:"epochs"`         // in order
	Hash        string  `json:"weights_sha256"` // of the final weights: for one batch, seed and number of epochs the same on every machine
}

// Epoch is one epoch of the real training.
type Epoch struct {
	Loss     float64 `json:"loss"`     // mean over its steps
	Accuracy float64 `json:"accuracy"` // on the test digits, after it
}

// Pass is one pass of one layer, or of the whole step, over a batch on one
// core.
type Pass struct {
	Name           string  `json:"name"`
	MicrosPerImage float64 `json:"us_per_image"`
	GFLOPS         float64 `json:"gflops"`             // 0 where there are no products of weights
	PeakShare      float64 `json:"peak_share"`         // GFLOPS / peak; 0 without either
	NaiveMicros    float64 `json:"naive_us_per_image"` // the same by the naive loops; 0 if they have no such pass
}

// Augmentation is what it takes to distort a digit at random (data.Augment) while
// it is read for a training step, on one core.
type Augmentation struct {
	AffineMicros  float64 `json:"affine_us_per_image"`  // shift, rotation, scale and shear
	ElasticMicros float64 `json:"elastic_us_per_image"` // the same and an elastic distortion
}

// Inference is prediction, whose speed does not depend on the weights.
type Inference struct {
	OneImage   Latency      `json:"one_image"`
	Throughput []Throughput `json:"throughput"`
}

// Latency is the time of predicting one image on one core, call by call.
type Latency struct {
	Calls        int     `json:"calls"`
	MedianMicros float64 `json:"median_us"`
	P99Micros    float64 `json:"p99_us"` // 99th percentile
}

// Throughput is the best rate of predicting a batch.
type Throughput struct {
	Batch           int     `json:"batch"`
	Workers         int     `json:"workers"`
	MicrosPerImage  float64 `json:"us_per_image"`
	ImagesPerSecond float64 `json:"images_per_second"`
}

// To99 is trainings by a recipe that end when 99 % of the test digits are right,
// which is looked at after every epoch.
type To99 struct {
	TrainImages  int       `json:"train_images"` // digits trained on
	TestImages   int       `json:"test_images"`  // digits tested on
	Batch        int       `json:"batch"`
	MaxEpochs    int       `json:"max_epochs"` // the recipe has no more
	PeakRate     float64   `json:"peak_rate"`  // the highest learning rate
	Target       float64   `json:"target"`     // 0.99
	Workers      int       `json:"workers"`
	Runs         []To99Run `json:"runs"`          // one for each seed
	Reached      int       `json:"reached"`       // runs that came to the target
	MeanSeconds  float64   `json:"mean_seconds"`  // over all runs; 0 unless all came to the target
	WorstSeconds float64   `json:"worst_seconds"` // of all runs; 0 unless all came to the target
}

// To99Run is the training from one seed.
type To99Run struct {
	Seed    uint64      `json:"seed"`
	Reached bool        `json:"reached"`
	Seconds float64     `json:"seconds"` // from data in memory to the end of the last epoch, all tests included
	Epochs  []To99Epoch `json:"epochs"`  // in order
}

// To99Epoch is one epoch of such a training.
type To99Epoch struct {
	Loss     float64 `json:"loss"`     // mean over its steps
	Accuracy float64 `json:"accuracy"` // on the test digits, after it
	Seconds  float64 `json:"seconds"`  // since the training began
}
