package benchmarks

import "math"

// Adam is the optimiser. For a weight w with the gradient g, the mean over the
// batch, step t (from 1) is
//
//	m = Beta1*m + (1-Beta1)*g
//	v = Beta2*v + (1-Beta2)*g*g
//	w = w - Rate * m/(1-Beta1^t) / (sqrt(v/(1-Beta2^t)) + Epsilon)
//
// where the two divisors, the bias correction, are 1 unless Correct.
type Adam struct {
	Rate, Beta1, Beta2, Epsilon float64
	Correct                     bool
}

// NotebookAdam is the notebook's optimiser: no bias correction.
var NotebookAdam = Adam{Rate: 0.01, Beta1: 0.95, Beta2: 0.99, Epsilon: 1e-7}

// StandardAdam is Adam with the settings of its paper.
var StandardAdam = Adam{Rate: 1e-3, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, Correct: true}

// moments is Adam's state for the weights of a network.
type moments struct {
	m, v  Weights
	steps int
}

func newMoments() moments { return moments{m: newWeights(), v: newWeights()} }

// update takes one step of w, of which gradient holds the gradient summed over
// a batch of n images.
func (a Adam) update(w, gradient Weights, state *moments, n int) {
	state.steps++
	rate, unbias := a.Rate, 1.0
	if a.Correct {
		t := float64(state.steps)
		rate /= 1 - math.Pow(a.Beta1, t)
		unbias /= math.Sqrt(1 - math.Pow(a.Beta2, t))
	}
	step := adamStep{
		rate:    float32(rate),
		unbias:  float32(unbias),
		epsilon: float32(a.Epsilon),
		mean:    1 / float32(n),
		beta1:   float32(a.Beta1), rest1: float32(1 - a.Beta1),
		beta2: float32(a.Beta2), rest2: float32(1 - a.Beta2),
	}
	for i := range w.W {
		step.update(w.W[i], gradient.W[i], state.m.W[i], state.v.W[i])
		step.update(w.B[i], gradient.B[i], state.m.B[i], state.v.B[i])
	}
}

// adamStep is the numbers that one step shares over all weights.
type adamStep struct {
	rate, unbias, epsilon      float32
	mean                       float32 // 1/n: makes a sum over the batch a mean
	beta1, rest1, beta2, rest2 float32 // rest is 1-beta
}

func (s adamStep) update(w, gradient, m, v []float32) {
	for i, g := range gradient {
		g *= s.mean
		m[i] = s.beta1*m[i] + s.rest1*g
		v[i] = s.beta2*v[i] + s.rest2*g*g
		w[i] -= s.rate * (m[i] / (float32(math.Sqrt(float64(v[i])))*s.unbias + s.epsilon))
	}
}
