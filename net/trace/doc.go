// Package trace writes the tensors of a training step or a prediction, as a
// [net.Trace] shows them: as text to read ([Text]), or as npy files for NumPy
// ([NPY]).
package trace
