package kernels

// A pointwise convolution, of 1x1 filters with no stride and no padding, reads a
// pixel once for each tile of output channels. If its channels lie on too many
// pages, each block of a chunk is copied, so that they lie side by side: 256
// channels of 14x14 went from 0.81 to 0.92 of the peak.

const (
	// copyBytes is the most that is copied at once. It stays in the L2 cache beside
	// weights and results.
	copyBytes = 96 << 10

	// copyTiles is the number of tiles from which the copy pays.
	copyTiles = 6

	// fetchTiles is the most tiles that fetch what is copied next: with more, the
	// calls cost more than they gain.
	fetchTiles = 40
)

// copied reports whether the gather is a pointwise convolution that copies what it
// reads.
func (g *gather) copied(rows, cols []run, in, out image) bool {
	return g.taps == 1 && in == out && isIdentity(rows, in.h) && isIdentity(cols, in.w) &&
		g.numTiles >= copyTiles && float64(min(g.inC, blockTaps))*pages(1, in.w) > blockPages
}

// isIdentity reports whether each of n positions reads the one in its place.
func isIdentity(runs []run, n int) bool {
	r := runs[0]
	return len(runs) == 1 && r.n == n && r.k == 1 && r.from == 0 && r.fromStep == 1
}

// pages is about how many pages a tile on its way along a few rows of a channel
// reads at a time.
func pages(rows, width int) float64 {
	const pageBytes = 4096
	return 1 + float64(rows*min(width*laneBytes, pageBytes))/pageBytes
}

// buildPointwise cuts the image, as one line of pixels, into chunks.
func (b *spanBuilder) buildPointwise() {
	b.channelLen = copyBytes / (b.block * laneBytes) &^ 1 // even, because a tile takes two positions
	list := b.list(run{k: 1}, run{k: 1})
	for lo := 0; lo < b.inLen; lo += b.channelLen {
		n := min(b.channelLen, b.inLen-lo)
		b.chunks = append(b.chunks, gatherChunk{pixels: bounds{lo, lo + n}, spans: []span{{
			y: int32(lo * laneBytes), n: int32(n), xStep: laneBytes, yStep: laneBytes, list: list, k: int32(b.fold),
		}}})
	}
}

// copyBlock copies the pixels of n channels of x and returns the copy.
func (w *workspace) copyBlock(g *gather, x []float32, pixels bounds, n int) []float32 {
	for ch := range n {
		copy(w.b[ch*g.channelLen*Lanes:], x[(ch*g.inLen+pixels.lo)*Lanes:(ch*g.inLen+pixels.hi)*Lanes])
	}
	return w.b[:]
}

// fetchNext fetches some channels of what is copied next, the following block of
// the chunk or else the first of the next one, lest the copy wait for memory: it
// took a tenth of the data gradient of 256 to 1024 channels.
func (g *gather) fetchNext(x []float32, chunk, first int, channels bounds) {
	if first += g.block; first >= g.inC {
		chunk, first = chunk+1, 0
	}
	channels = bounds{first + channels.lo, first + channels.hi}.within(bounds{0, g.inC})
	if chunk == len(g.chunks) || channels.n() == 0 {
		return
	}
	pixels := g.chunks[chunk].pixels
	prefetchAVX2(&x[(channels.lo*g.inLen+pixels.lo)*Lanes], channels.n(), g.inLen*laneBytes, divided(pixels.n()+1, 2))
}
