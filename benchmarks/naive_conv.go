package benchmarks

// Naive is the textbook loops in plain Go, as one would first write them: index
// arithmetic in the loops, bounds checks as they fall, no unrolling by hand, no
// packing, no skipping of zeros, no goroutines, no unsafe. Each pass uses the
// fastest of the obvious loop orders. Its comment gives the time of the others
// relative to it, for a batch of 32 on an Intel Xeon (Sapphire Rapids) with Go
// 1.26, the best of several runs.
//
// (Re-slicing the rows of the innermost loops, to spare bounds checks, makes
// the forward pass 1.2 to 1.4 times as fast; skipping zero gradients, of which
// max-pooling and ReLU make many, the gradients 2 to 3 times. A step is then
// 1.5 to 2 times as fast.)
//
// Arrays are row-major and hold whole batches: images are (n, channel, row,
// column), and n follows from the lengths.
type Naive struct{}

// ConvForward sets z to the convolution of the images x with the weights w,
// plus the bias b:
//
//	z[i,o,y,k] = b[o] + sum over c,p,q of w[o,c,p,q] * x[i,c,y+p,k+q]
//
// Each tap goes over the whole image. Other orders, in conv1 and conv2: each
// tap over a row of outputs 1.0 and 1.2; each output over all its taps 1.2 and
// 1.3.
func (Naive) ConvForward(s Conv, z, x, w, b []float32) {
	height, width := s.OutHeight(), s.OutWidth()
	for i := range len(x) / s.InSize() {
		for o := range s.Out {
			plane := (i*s.Out + o) * height * width
			for j := range height * width {
				z[plane+j] = b[o]
			}
			for c := range s.In {
				for p := range s.Filter {
					for q := range s.Filter {
						weight := w[((o*s.In+c)*s.Filter+p)*s.Filter+q]
						for y := range height {
							out := plane + y*width
							in := ((i*s.In+c)*s.Height+y+p)*s.Width + q
							for k := range width {
								z[out+k] += weight * x[in+k]
							}
						}
					}
				}
			}
		}
	}
}

// ConvWeightGradient sets dw and db to the gradients of the weights and the
// bias, summed over the batch, given the images x and the gradient dz of the
// output:
//
//	dw[o,c,p,q] = sum over i,y,k of dz[i,o,y,k] * x[i,c,y+p,k+q]
//	db[o]       = sum over i,y,k of dz[i,o,y,k]
//
// Each tap sums over all output positions of an image. The other order, in
// conv1 and conv2: each output position adds to all taps 1.5 and 1.5.
func (Naive) ConvWeightGradient(s Conv, dw, db, x, dz []float32) {
	height, width := s.OutHeight(), s.OutWidth()
	clear(dw)
	for i := range len(x) / s.InSize() {
		for o := range s.Out {
			for c := range s.In {
				for p := range s.Filter {
					for q := range s.Filter {
						var sum float32
						for y := range height {
							out := ((i*s.Out+o)*height + y) * width
							in := ((i*s.In+c)*s.Height+y+p)*s.Width + q
							for k := range width {
								sum += dz[out+k] * x[in+k]
							}
						}
						dw[((o*s.In+c)*s.Filter+p)*s.Filter+q] += sum
					}
				}
			}
		}
	}
	convBiasGradient(s, db, dz)
}

// ConvDataGradient sets dx to the gradient of the images, given the gradient
// dz of the output and the weights w:
//
//	dx[i,c,y,k] = sum over o,p,q of w[o,c,p,q] * dz[i,o,y-p,k-q]
//
// where dz is 0 outside the output. Each tap goes over all output positions of
// an image. The other order, in conv2: each output position adds to all pixels
// under the filter 1.3.
func (Naive) ConvDataGradient(s Conv, dx, dz, w []float32) {
	height, width := s.OutHeight(), s.OutWidth()
	clear(dx)
	for i := range len(dx) / s.InSize() {
		for o := range s.Out {
			for c := range s.In {
				for p := range s.Filter {
					for q := range s.Filter {
						weight := w[((o*s.In+c)*s.Filter+p)*s.Filter+q]
						for y := range height {
							out := ((i*s.Out+o)*height + y) * width
							in := ((i*s.In+c)*s.Height+y+p)*s.Width + q
							for k := range width {
								dx[in+k] += weight * dz[out+k]
							}
						}
					}
				}
			}
		}
	}
}

// convBiasGradient sets db[o] to the sum of dz over the batch and over the
// positions of output channel o.
func convBiasGradient(s Conv, db, dz []float32) {
	clear(db)
	for plane := 0; plane*s.positions() < len(dz); plane++ {
		var sum float32
		for _, g := range dz[plane*s.positions():][:s.positions()] {
			sum += g
		}
		db[plane%s.Out] += sum
	}
}
