package net

import (
	"fmt"
	"slices"
)

// PredictOutputs appends the outputs of the last layer for each image to dst, as many
// numbers an image as [Network.Output] has elements, and returns it: what a [Trace]
// shows, bit for bit. They are logits unless the network's [Meaning] says otherwise.
// It is otherwise like [Network.Predict].
func (n *Network) PredictOutputs(dst []float32, images []float32) ([]float32, error) {
	p := n.predictors.Get().(*Predictor)
	defer n.predictors.Put(p)
	return p.PredictOutputs(dst, images)
}

// PredictOutputs is like [Network.PredictOutputs].
func (p *Predictor) PredictOutputs(dst []float32, images []float32) ([]float32, error) {
	n, err := checkImages(images, p.net.Input())
	if err != nil {
		return dst, fmt.Errorf("net: predict: %w", err)
	}
	have, size := len(dst), n*p.net.Output().Len()
	out := slices.Grow(dst, size)[:have+size]
	p.results.outputs = out[have:]
	if err := p.run(batch{n: n, x: images}); err != nil {
		return dst, fmt.Errorf("net: predict: %w", err)
	}
	return out, nil
}
