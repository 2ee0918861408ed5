// Package norm is the layers that steady a training: batch normalisation, and
// dropout. Both compute something else in training than in prediction.
package norm
