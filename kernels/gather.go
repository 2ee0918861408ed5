package kernels

// A gather is a convolution seen from its result: every position of the result
// reads a list of taps, pixels multiplied by weights, for each channel in turn.
// The forward pass and the data gradient are both gathers, over different
// weights. Positions that read the same taps form rectangles, which are cut
// into spans: the assembly walks over spans, and knows nothing of geometry.
type gather struct {
	groups        int
	inC, outC     int // channels of one group
	inLen, outLen int // pixels of a channel
	taps          int // of one filter and channel

	numTiles, slotLen int // see tiles and slot: it takes divisions to compute them

	// The spans come in chunks: what those of one read stays in the L2 cache from
	// one tile of channels to the next. What a chunk reads and the one above it
	// did not lies fresh pixels from where a position's first tap does, and what
	// the chunk below reads beside lies below pixels from there.
	chunks       []gatherChunk
	fresh, below int
	empty        []span // the positions that read nothing

	copies     bool    // whether the assembly reads a copy of each block of a chunk
	channelLen int     // pixels from a channel to the next, there
	plain      *gather // the same without copies, for a part of few tiles

	// A list of taps covers fold channels, so that small filters have long
	// lists; block is the number of channels of one call.
	fold, block int
	lists       []int32 // pairs of a pixel's and a weight's distance, in bytes
	listed      bool    // false if there would be too many

	depth depthwise // other tiles, of single output channels and full blocks
}

// A gatherChunk is some spans and, where they read a copy, which pixels of each channel
// it has.
type gatherChunk struct {
	spans  []span
	pixels bounds
}

// A span is a line of positions with one list of taps, as the assembly reads
// it. Distances are in bytes.
type span struct {
	x, y         int32 // what the first position reads with its first tap; where it lies
	n            int32 // positions
	xStep, yStep int32 // from a position to the next
	list, k      int32 // where the list begins; its taps
	_            int32
}

const (
	// tileFilters is the largest number of output channels of a register tile.
	tileFilters = 6

	// foldTaps is the length up to which lists are made to cover more channels,
	// and foldChannels their number: a list's loop costs as much as two taps.
	foldTaps, foldChannels = 72, 64

	// blockTaps bounds the taps of a block of channels: their weights, at most
	// 7 KiB for a tile, leave the L1 cache room for pixels. blockPages bounds the
	// pages on which those lie: L1 caches have tables of 64 and more, and weights
	// and results take some.
	blockTaps  = 288
	blockPages = 60

	// cacheL2 is the smallest L2 cache of processors with AVX2 that matter here;
	// chunkBytes is how much of the input a chunk may read, so that it stays
	// there beside the results and the next chunk.
	cacheL2    = 512 << 10
	chunkBytes = cacheL2 / 4

	// maxLists bounds the length of all lists together, 32 MiB. Filters of more
	// than forty rows and columns have so many edges that the data gradient's
	// would be longer; the portable kernel serves them.
	maxLists = 1 << 22

	// maxCallTaps bounds the taps times positions of one call of the assembly:
	// at about 3 cycles each, some 50 microseconds. Assembly cannot be
	// preempted, and the garbage collector waits for it.
	maxCallTaps = 1 << 16
)

// An image is the rows and columns of a channel.
type image struct{ h, w int }

func newGather(groups, inC, outC int, in, out image, rows, cols []run, filterRows, filterCols int) gather {
	g := gather{
		groups: groups, inC: inC, outC: outC,
		inLen: in.h * in.w, outLen: out.h * out.w,
		taps: filterRows * filterCols,
	}
	g.numTiles = divided(outC, tileFilters)
	g.slotLen = divided(outC, g.numTiles)
	g.fold = g.chooseFold()
	longest := filterRows * filterCols * g.fold
	if g.listed = listTaps(rows)*listTaps(cols)*g.fold <= maxLists && longest <= maxCallTaps; !g.listed {
		return g
	}
	g.channelLen = g.inLen
	if g.copied(rows, cols, in, out) {
		plain := g
		plain.cut(rows, cols, in, out, filterRows, filterCols)
		g.copies, g.plain = true, &plain
	}
	g.cut(rows, cols, in, out, filterRows, filterCols)
	if outC == 1 && groups > 1 && filterRows == 3 && filterCols == 3 {
		g.depth = newDepthwise(rows, cols, in, out, filterCols)
	}
	return g
}

// cut divides channels into blocks and positions into spans.
func (g *gather) cut(rows, cols []run, in, out image, filterRows, filterCols int) {
	g.block = g.chooseBlock(pages(filterRows, in.w))
	b := spanBuilder{gather: g, in: in, out: out, filterCols: filterCols, lists: map[listKey]int32{}}
	if g.copies {
		b.buildPointwise()
	} else {
		b.build(rows, cols)
	}
}

// listTaps is the number of taps of all runs together.
func listTaps(runs []run) int {
	sum := 0
	for _, r := range runs {
		sum += r.k
	}
	return sum
}

// chooseFold returns the largest divisor of the number of channels that keeps
// lists short.
func (g *gather) chooseFold() int {
	for fold := min(g.inC, foldChannels, foldTaps/g.taps); fold > 1; fold-- {
		if g.inC%fold == 0 {
			return fold
		}
	}
	return 1
}

// chooseBlock returns the size of the least number of blocks of channels,
// nearly equal, that are short enough and lie on few enough pages.
func (g *gather) chooseBlock(pages float64) int {
	most := blockTaps / g.taps
	if !g.copies {
		most = min(most, int(blockPages/pages))
	}
	folds := g.inC / g.fold
	blocks := divided(folds, max(1, most/g.fold))
	return divided(folds, blocks) * g.fold
}

// spanBuilder cuts rectangles into spans, chunk after chunk.
type spanBuilder struct {
	*gather
	in, out    image
	filterCols int
	lists      map[listKey]int32

	work  int // taps times positions of the chunk so far
	spans []span
}

// A listKey is all that a list of taps depends on.
type listKey struct{ rowTap, rowK, colTap, colK int }

func (b *spanBuilder) build(rows, cols []run) {
	height := b.chunkRows(rows)
	for lo := 0; lo < b.out.h; lo += height {
		for _, r := range rows {
			r = r.within(lo, lo+height)
			for _, c := range cols {
				if r.n > 0 {
					b.rectangle(r, c)
				}
			}
		}
		b.endChunk()
	}
}

// chunkRows returns the number of rows of the result that read at most
// chunkBytes, and sets what lies where.
func (b *spanBuilder) chunkRows(rows []run) (height int) {
	halo, last, step := 0, 0, 1
	for _, r := range rows {
		down := (r.k - 1) * r.fromTap // from the first tap to the last
		halo, last = max(halo, down, -down), max(last, down)
		step = max(1, r.fromStep/r.step)
	}
	affordable := chunkBytes / (b.in.w * b.block * laneBytes)
	// Smaller chunks than the halo would read it more often than they gain.
	height = min(b.out.h, max(1, (affordable-halo)/step, halo/step))
	b.fresh, b.below = last*b.in.w, (last+height*step)*b.in.w
	return height
}

func (b *spanBuilder) endChunk() {
	if len(b.spans) > 0 {
		b.chunks = append(b.chunks, gatherChunk{spans: b.spans})
	}
	b.spans, b.work = nil, 0
}

// rectangle adds the positions of rows r and columns c. A last column without a
// neighbour becomes a span of its own, downwards, because the register tile
// takes two positions at a time.
func (b *spanBuilder) rectangle(r, c run) {
	across := c.n
	if c.n%2 == 1 && r.n > 1 {
		across--
		b.line(r, c.part(across, 1), r.n, r.fromStep*b.in.w, r.step*b.out.w)
	}
	if across == 0 {
		return
	}
	for i := range r.n {
		b.line(r.part(i, 1), c, across, c.fromStep, c.step)
	}
}

// line adds n positions from the first one of r and c on; steps are in pixels.
// It cuts what would take too long for one call.
func (b *spanBuilder) line(r, c run, n, xStep, yStep int) {
	s := span{
		y:     int32((r.first*b.out.w + c.first) * laneBytes),
		n:     int32(n),
		xStep: int32(xStep * laneBytes),
		yStep: int32(yStep * laneBytes),
	}
	if r.k == 0 || c.k == 0 {
		b.empty = append(b.empty, s)
		return
	}
	s.x = int32((r.from*b.in.w + c.from) * laneBytes)
	s.list, s.k = b.list(r, c), int32(r.k*c.k*b.fold)
	perPosition := r.k * c.k * b.block
	most := max(2, maxCallTaps/perPosition&^1)
	for left := n; left > 0; left -= int(s.n) {
		s.n = int32(min(left, most))
		if b.work > 0 && b.work+int(s.n)*perPosition > maxCallTaps {
			b.endChunk()
		}
		b.work += int(s.n) * perPosition
		b.spans = append(b.spans, s)
		s.x += s.n * s.xStep
		s.y += s.n * s.yStep
	}
}

// list returns where the list of taps of rows r and columns c begins, in bytes.
func (b *spanBuilder) list(r, c run) int32 {
	key := listKey{r.tap, r.k, c.tap, c.k}
	if at, ok := b.lists[key]; ok {
		return at
	}
	at := int32(len(b.gather.lists) * 4)
	b.lists[key] = at
	for ch := range b.fold {
		for i := range r.k {
			for j := range c.k {
				x := ch*b.channelLen + i*r.fromTap*b.in.w + j*c.fromTap
				w := ch*b.taps + (r.tap+i*r.tapStep)*b.filterCols + c.tap + j*c.tapStep
				b.gather.lists = append(b.gather.lists, int32(x*laneBytes), int32(w*b.slot()*4))
			}
		}
	}
	return at
}

// tiles is the number of register tiles that the output channels of a group
// are split into. The tiles' sizes differ by one at most, because a tile of few
// channels leaves multiply-add units idle.
func (g *gather) tiles() int { return g.numTiles }

// tile returns the output channels [lo, hi) of tile t of a group.
func (g *gather) tile(t int) (lo, hi int) {
	b := share(g.outC, g.tiles(), t)
	return b.lo, b.hi
}

// tileOf returns the tile of a group that holds its output channel c.
func (g *gather) tileOf(c int) int { return ((c+1)*g.tiles() - 1) / g.outC }

// slot is the number of weights that the packed form holds for each tap: the
// channels of the largest tile.
func (g *gather) slot() int { return g.slotLen }

func (g *gather) packedLen() int { return g.groups * g.tiles() * g.tileLen() }

// tileLen is the length of the packed weights of one tile.
func (g *gather) tileLen() int { return g.inC * g.taps * g.slot() }

// pack copies the taps w between an input and an output channel of a group to
// where the tiles read them:
//
//	dst[group][tile][input channel][tap][channel within the tile]
func (g *gather) pack(dst, w []float32, group, in, out int) {
	t := g.tileOf(out)
	lo, _ := g.tile(t)
	d := dst[(group*g.tiles()+t)*g.tileLen()+in*g.taps*g.slot()+out-lo:]
	for tap, v := range w {
		d[tap*g.slot()] = v
	}
}
