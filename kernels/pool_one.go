package kernels

// OneLen is the length of a single image.
func (s PoolShape) OneLen() int { return s.C * s.H * s.W }

// OneOutLen is the length of a single image's output.
func (s PoolShape) OneOutLen() int { return s.C * s.OutH() * s.OutW() }

// MaxPoolOne computes, for a single image, what [MaxPoolForward] computes for
// each image of a block; with relu, y is then 0 where it was below 0. x is the
// image, [channel][row][column], of OneLen elements, and y its output, of
// OneOutLen; they must not overlap.
func MaxPoolOne(s PoolShape, y, x []float32, relu bool) {
	if !s.valid() {
		panic(badPoolShape)
	}
	if len(x) != s.OneLen() || len(y) != s.OneOutLen() {
		panic(badLength)
	}
	if overlap(x, y) {
		panic(badOverlap)
	}
	raceRead(x)
	raceWrite(y)
	if useAVX2 && s.is2x2() && s.OutW() >= Lanes/2 {
		maxPoolOne2x2(s, y, x, relu)
		return
	}
	maxPoolOneGeneric(s, y, x, relu)
}

// maxCallVectors bounds the vectors of windows of one call of the assembly, at
// about 5 cycles each.
const maxCallVectors = 1 << 15

func maxPoolOne2x2(s PoolShape, y, x []float32, relu bool) {
	floor := noFloor
	if relu {
		floor = 0
	}
	windows := min(Lanes, s.OutW()&^(Lanes/2-1)) // of a vector: eight, or twice four
	vectors := divided(s.OutW(), windows)
	channels := 1
	if s.H%2 == 0 {
		// The rows of all channels lie at the same distance.
		channels = max(1, maxCallVectors/(s.OutH()*vectors))
	}
	xRow, yRow, yLast := s.W*4, s.OutW()*4, (s.OutW()-windows)*4
	for c := 0; c < s.C; c += channels {
		yc, xc := &y[c*s.OutH()*s.OutW()], &x[c*s.H*s.W]
		rows := min(channels, s.C-c) * s.OutH()
		if windows == Lanes {
			maxPoolOne2x16AVX2(yc, xc, rows, vectors, xRow, yRow, yLast, floor)
		} else {
			maxPoolOne2x8AVX2(yc, xc, rows, xRow, yRow, yLast, floor)
		}
	}
}
