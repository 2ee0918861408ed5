package net

import "slices"

// Evaluation is what a network makes of labelled images.
type Evaluation struct {
	Labels  []int     // of each image, as the data says
	Classes []int     // of each image, as the network says
	Proba   []float32 // of each image, as many as the network has outputs

	Loss     float64 // mean of the images' losses
	Accuracy float64 // share of the images whose class is their label
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
	if err := p.run(batch{n: n, data: data, labels: e.Labels, indices: p.indices[:n]}); err != nil {
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
