package benchmarks

// DenseForward sets z to x wᵀ + b, where x is (n, s.In) and z is (n, s.Out).
//
// Each output sums over the features, image by image.
func (Naive) DenseForward(s Dense, z, x, w, b []float32) {
	for i := range len(x) / s.In {
		for o := range s.Out {
			sum := b[o]
			for k := range s.In {
				sum += w[o*s.In+k] * x[i*s.In+k]
			}
			z[i*s.Out+o] = sum
		}
	}
}

// DenseWeightGradient sets dw to dzᵀ x and db to the sum of the rows of dz: the
// gradients of the weights and the bias, summed over the batch.
//
// A row of dw takes each image in turn. Other orders, in dense1: each image
// adds to all rows 1.05; one sum for each weight 3.
func (Naive) DenseWeightGradient(s Dense, dw, db, x, dz []float32) {
	clear(dw)
	for o := range s.Out {
		for i := range len(x) / s.In {
			g := dz[i*s.Out+o]
			for k := range s.In {
				dw[o*s.In+k] += g * x[i*s.In+k]
			}
		}
	}
	denseBiasGradient(s, db, dz)
}

// DenseDataGradient sets dx to dz w, the gradient of the layer's input.
//
// A row of weights adds to each image in turn. Other orders, in dense1: an
// image takes each row of weights 1.1; one sum for each feature 2.
func (Naive) DenseDataGradient(s Dense, dx, dz, w []float32) {
	clear(dx)
	for o := range s.Out {
		for i := range len(dx) / s.In {
			g := dz[i*s.Out+o]
			for k := range s.In {
				dx[i*s.In+k] += g * w[o*s.In+k]
			}
		}
	}
}

// denseBiasGradient sets db to the sum of the rows of dz.
func denseBiasGradient(s Dense, db, dz []float32) {
	clear(db)
	for i := 0; i < len(dz); i += s.Out {
		for o, g := range dz[i:][:s.Out] {
			db[o] += g
		}
	}
}
