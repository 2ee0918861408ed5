package net

// State is a training between two steps: with the same data and configuration it
// is all that it takes to go on and arrive at the bits of a training without a
// break. It is a copy, and plain data for those who want to store it.
type State struct {
	Params    []float32 // of the network, layer by layer, each layer's weights before its biases and these before its state
	Rate      float64   // of Trainer.Rate
	Optimizer OptimizerState
	Fit       *FitState // where Trainer.Fit was; nil outside of it
	Objective string    // the loss and its constants, reduction and clipping, as a State of another is refused; "" of none
	Steps     int       // completed, if the network has layers that are told (layer.Training); otherwise 0
}

// OptimizerState is the memory of an optimiser.
type OptimizerState struct {
	Name    string      // the optimiser and its constants, as a State of another is refused
	Clock   []float64   // scalars that change from step to step
	Moments [][]float32 // vectors of as many elements as Params
}

// FitState is the place of a training in its data.
type FitState struct {
	Epoch   int     // completed epochs
	Step    int     // completed steps of the current one
	LossSum float64 // of these steps
	Told    int     // callbacks that have been told of the last step, or of the epoch's end if Step is 0
	Failed  []int   // those of them that returned an error, by index: they are told again

	Images        int // of the data; 0 for a Seq
	BatchSize     int // these five as in FitConfig, defaults in place of 0
	DropLast      bool
	NoShuffle     bool
	Seed          uint64
	StepsPerEpoch int

	Callbacks [][]byte // of each of FitConfig.Callbacks, nil for those without a state
	History   History
}
