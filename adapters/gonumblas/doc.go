// Package gonumblas lets programs that use gonum's blas32 compute with the
// kernels of lanes:
//
//	b := gonumblas.New(0)
//	defer b.Close()
//	blas32.Use(b)
//
// From then on, on machines with AVX2, blas32.Gemm is several times as fast, and
// blas32.Gemv two to three times for the transpose of a matrix, or one of many
// short rows. The other functions are gonum's, blas32.Ger among them, for which
// the kernels are no faster. (Package mat computes in float64, with blas64, and gains
// nothing.)
//
// Arguments mean what they mean to gonum: transposes, strides, alpha and beta,
// sizes of zero. What is wrong panics with gonum's own message, for whatever is
// not computed here is handed to gonum's implementation as it came: wrong
// arguments, products too small to gain, an output that overlaps an input.
//
// What is computed here has the bits that kernels.Gemm promises: an element is
// one chain of fused multiply-adds, k ascending, whatever the number of workers.
// They differ from gonum's in the last places. They also differ where a zero in
// the first matrix meets an infinity or a NaN in the second: gonum passes over
// most zeros, here the result is a NaN, as in arithmetic.
package gonumblas
