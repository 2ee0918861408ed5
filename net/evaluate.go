package net

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/simdlanes/lanes/layer"
)

// Evaluation is what a network makes of labelled images, in the order of the data.
// Package metrics computes from it what tells more than the accuracy.
type Evaluation struct {
	Labels  []int     // of each image, as the data says
	Classes []int     // of each image, as Predict says
	Proba   []float32 // Network.Classes() of each image, as PredictProba says

	Loss     float64 // mean of the images' losses; 0 if no loss was given
	Accuracy float64 // share of the images whose class is their label
}

// Evaluate predicts all images of data and compares them with their labels. The
// loss is one that suits what the network's outputs mean, or nil, if none is to be
// computed. It runs on the calling goroutine and may be called from many at once;
// for many images on many cores see [Network.NewPredictor]. The results have the
// same bits for any number of workers.
//
// A label that is not a class, an image or outputs with an infinity or NaN (ErrNotFinite),
// and a loss that is not finite (ErrNotFinite too) are errors that name the image.
func (n *Network) Evaluate(data Dataset, loss Loss) (*Evaluation, error) {
	return n.EvaluateContext(context.Background(), data, loss)
}

// EvaluateContext is [Network.Evaluate] that ends when ctx is cancelled, with an
// error that wraps ctx's. It notices before every eight images.
func (n *Network) EvaluateContext(ctx context.Context, data Dataset, loss Loss) (*Evaluation, error) {
	p := n.predictors.Get().(*Predictor)
	defer n.predictors.Put(p)
	return p.EvaluateContext(ctx, data, loss)
}

// Evaluate is [Network.Evaluate] on all of the predictor's workers.
func (p *Predictor) Evaluate(data Dataset, loss Loss) (*Evaluation, error) {
	return p.EvaluateContext(context.Background(), data, loss)
}

// EvaluateContext is [Network.EvaluateContext] on all of the predictor's workers.
func (p *Predictor) EvaluateContext(ctx context.Context, data Dataset, loss Loss) (*Evaluation, error) {
	e, err := p.newEvaluation(ctx, data, loss)
	if err != nil {
		return nil, fmt.Errorf("net: evaluate: %w", err)
	}
	return e, nil
}

// Evaluate is [Network.Evaluate], with the trainer's loss, on all of its workers.
func (t *Trainer) Evaluate(data Dataset) (*Evaluation, error) {
	return t.EvaluateContext(context.Background(), data)
}

// EvaluateContext is [Network.EvaluateContext], with the trainer's loss, on all of its
// workers.
func (t *Trainer) EvaluateContext(ctx context.Context, data Dataset) (*Evaluation, error) {
	if err := t.ready(); err != nil {
		return nil, fmt.Errorf("net: evaluate: %w", err)
	}
	return t.eval.EvaluateContext(ctx, data, t.engine.loss)
}

// newEvaluation checks the arguments of EvaluateContext, and evaluates.
func (p *Predictor) newEvaluation(ctx context.Context, data Dataset, loss Loss) (*Evaluation, error) {
	if err := p.checkLoss(loss); err != nil {
		return nil, err
	}
	n, err := checkData(data)
	if err != nil {
		return nil, err
	}
	e := &Evaluation{
		Labels:  make([]int, n),
		Classes: make([]int, n),
		Proba:   make([]float32, n*p.net.Classes()),
	}
	if err := p.evaluate(e, interruptible{data, ctx}, loss); err != nil {
		return nil, cmp.Or(ctx.Err(), err)
	}
	return e, nil
}

// checkLoss returns an error unless the loss, if there is one, is of a network
// like this.
func (p *Predictor) checkLoss(loss Loss) error {
	if loss == nil {
		return nil
	}
	if err := loss.check(p.net); err != nil {
		return err
	}
	if want := loss.meaning(); want != p.net.meaning {
		return fmt.Errorf("%w: the loss is of %v, but the network's outputs are %v (see Network.SetMeaning)", layer.ErrOption, want, p.net.meaning)
	}
	return nil
}

// evaluate predicts the first images of data, as many as e has labels, with
// their probabilities if e has room for them, and their losses unless loss is nil.
func (p *Predictor) evaluate(e *Evaluation, data Dataset, loss Loss) error {
	n := len(e.Labels)
	for i := len(p.indices); i < n; i++ {
		p.indices = append(p.indices, i)
	}
	p.results = results{classes: e.Classes, proba: e.Proba, loss: loss}
	if loss != nil {
		p.losses = slices.Grow(p.losses[:0], n)[:n]
		p.results.losses = p.losses
	}
	if err := p.run(batch{n: n, data: data, labels: e.Labels, classes: p.net.Classes(), indices: p.indices[:n]}); err != nil {
		return err
	}
	e.Accuracy, e.Loss = agreement(e.Classes, e.Labels), 0
	if loss != nil {
		e.Loss = mean(p.losses)
	}
	return nil
}

// measure is the mean loss, 0 if loss is nil, and the accuracy of the first
// images of data, at most limit. It allocates only for more images than before.
func (p *Predictor) measure(data Dataset, limit int, loss Loss) (meanLoss, accuracy float64, err error) {
	n, err := checkData(data)
	if err != nil {
		return 0, 0, err
	}
	n = min(n, limit)
	e := &p.eval
	e.Labels = slices.Grow(e.Labels[:0], n)[:n]
	e.Classes = slices.Grow(e.Classes[:0], n)[:n]
	if err := p.evaluate(e, data, loss); err != nil {
		return 0, 0, err
	}
	return e.Loss, e.Accuracy, nil
}

// agreement is the share of equal elements.
func agreement(a, b []int) float64 {
	equal := 0
	for i := range a {
		if a[i] == b[i] {
			equal++
		}
	}
	return float64(equal) / float64(len(a))
}
