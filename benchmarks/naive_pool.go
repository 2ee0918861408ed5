package benchmarks

// MaxPool sets z to the maximum of each 2x2 window of the images x, and winner
// to its index in x; the first of a tie, in row-major order, wins.
//
// Two loops over the window instead of three conditions take 1.7 of the time.
func MaxPool(s Pool, z []float32, winner []int32, x []float32) {
	j := 0
	for plane := 0; plane < len(x); plane += s.Height * s.Width {
		for y := 0; y+1 < s.Height; y += 2 {
			for k := 0; k+1 < s.Width; k += 2 {
				corner := plane + y*s.Width + k
				best, m := corner, x[corner]
				if v := x[corner+1]; v > m {
					best, m = corner+1, v
				}
				if v := x[corner+s.Width]; v > m {
					best, m = corner+s.Width, v
				}
				if v := x[corner+s.Width+1]; v > m {
					best, m = corner+s.Width+1, v
				}
				z[j], winner[j] = m, int32(best)
				j++
			}
		}
	}
}

// MaxPoolGradient sets dx to the gradient of the images that [MaxPool] took:
// the winner of a window gets the window's gradient, the others 0.
func MaxPoolGradient(dx, dz []float32, winner []int32) {
	clear(dx)
	for j, g := range dz {
		dx[winner[j]] = g
	}
}
