package net

import (
	"fmt"
	"slices"
)

// PredictBoth is [Network.Predict], which appends to classes, and
// [Network.PredictProba], which appends to proba, at the cost of one. An image's
// class is that of the outputs, which may differ where the probabilities of several
// classes are rounded to the same one.
func (n *Network) PredictBoth(classes []int, proba, images []float32) ([]int, []float32, error) {
	p := n.predictors.Get().(*Predictor)
	defer n.predictors.Put(p)
	return p.PredictBoth(classes, proba, images)
}

// PredictBoth is like [Network.PredictBoth].
func (p *Predictor) PredictBoth(classes []int, proba, images []float32) ([]int, []float32, error) {
	n, err := checkImages(images, p.net.Input())
	if err != nil {
		return classes, proba, fmt.Errorf("net: predict: %w", err)
	}
	haveClasses, haveProba, size := len(classes), len(proba), n*p.net.Classes()
	outClasses := slices.Grow(classes, n)[:haveClasses+n]
	outProba := slices.Grow(proba, size)[:haveProba+size]
	p.results.classes, p.results.proba = outClasses[haveClasses:], outProba[haveProba:]
	if err := p.run(batch{n: n, x: images}); err != nil {
		return classes, proba, fmt.Errorf("net: predict: %w", err)
	}
	return outClasses, outProba, nil
}
