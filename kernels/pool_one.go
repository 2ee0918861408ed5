package kernels

// OneLen is the length of a single image.
func (s PoolShape) OneLen() int { return s.C * s.H * s.W }

// OneOutLen is the length of a single image's output.
func (s PoolShape) OneOutLen() int { return s.C * s.OutH() * s.OutW() }

// OneScratch is the length of the memory that [Pool.MaxOne] and
// [Pool.AverageOne] need.
func (p *Pool) OneScratch() int { return (p.inLen + p.outLen) * Lanes }

// checkOne panics unless y, x and scratch fit the pooling of a single image.
func (p *Pool) checkOne(y, x, scratch []float32) {
	if len(x)*Lanes != p.inBlock || len(y)*Lanes != p.outBlock || len(scratch) != p.OneScratch() {
		panic(badLength)
	}
	if overlap(x, y) || overlap(scratch, x) || overlap(scratch, y) {
		panic(badOverlap)
	}
	raceRead(x)
	raceWrite(y)
	raceWrite(scratch)
}

// MaxOne computes, for a single image, what [Pool.MaxForward] computes for each
// image of a block; with relu, y is then 0 where it was below 0. x is the image,
// [channel][row][column], of OneLen elements, and y its output, of OneOutLen.
// scratch is memory of OneScratch elements, whose contents are lost. They must
// not overlap.
func (p *Pool) MaxOne(y, x, scratch []float32, relu bool) {
	p.checkOne(y, x, scratch)
	switch {
	case useAVX2 && p.is2x2 && p.W/2 >= Lanes/2:
		maxPoolOne2x2(&p.PoolShape, y, x, relu)
		return
	case useAVX2 && p.plan.listed:
		p.eachEight(y, x, scratch, p.maxForwardAVX2)
	default:
		maxPoolOneGeneric(p.PoolShape, y, x)
	}
	if relu {
		ReLU(y, y)
	}
}

// AverageOne computes, for a single image, what [Pool.AverageForward] computes
// for each image of a block. Its arguments are those of MaxOne.
func (p *Pool) AverageOne(y, x, scratch []float32) {
	p.checkOne(y, x, scratch)
	if useAVX2 && p.plan.listed {
		p.eachEight(y, x, scratch, p.averageForwardAVX2)
		return
	}
	averageOneGeneric(p.PoolShape, y, x)
}
