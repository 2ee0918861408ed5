package kernels

// columnSumsGeneric, scaleColumnsGeneric and scaleColumnsGradGeneric treat the
// columns from the given one on.

func columnSumsGeneric(sum, products []float64, x, z []float32, from int) {
	cols := len(sum)
	for j := from; j < cols; j++ {
		s, p := sum[j], products[j]
		for i := j; i < len(x); i += cols {
			s += float64(x[i])
			p += float64(float64(x[i]) * float64(z[i]))
		}
		sum[j], products[j] = s, p
	}
}

func scaleColumnsGeneric(y, x, scale, centre, shift []float32, from int) {
	cols := len(scale)
	for j := from; j < cols; j++ {
		for i := j; i < len(x); i += cols {
			y[i] = fma32(scale[j], float32(x[i]-centre[j]), shift[j])
		}
	}
}

func scaleColumnsGradGeneric(dx, dy, x, scale, slope, centre, shift []float32, from int) {
	cols := len(scale)
	for j := from; j < cols; j++ {
		for i := j; i < len(x); i += cols {
			dx[i] = fma32(slope[j], float32(x[i]-centre[j]), fma32(scale[j], dy[i], shift[j]))
		}
	}
}

// The multipliers of a hash of 32 bits (C. Wellons' lowbias32), and the golden
// ratio, which spreads neighbouring numbers.
const (
	hashStep   = 0x9e3779b9
	hashFirst  = 0x7feb352d
	hashSecond = 0x846ca68b
)

func dropoutGeneric(y, x []float32, m *Mask) {
	for i, v := range x {
		lane := i % Lanes
		number := m.first[lane] + uint32(i/Lanes)*m.step
		h := number*hashStep + m.keys[0][lane]
		h = (h ^ h>>16) * hashFirst
		h = (h ^ h>>15 ^ m.keys[1][lane]) * hashSecond
		h ^= h >> 16
		y[i] = 0
		if int32(h>>8) >= m.least {
			y[i] = v * m.scale
		}
	}
}
