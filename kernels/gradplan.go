package kernels

import (
	"cmp"
	"slices"
)

// A gradPlan says how the weight gradient of a convolution is computed: which
// weights of a filter make up the register tiles, and which output positions
// each of them sums over. With padding that differs from tap to tap, because
// positions that meet the padding are skipped; the taps of one tile share
// their positions. The plan is the same for all filters and groups.
type gradPlan struct {
	pair    int // filters of a vector: two for half blocks, in which each has four images
	filters int // vectors of filters of a tile
	batches []gradBatch

	positions []int32 // tables of positions: pairs of a pixel's and a gradient's distance, in bytes
	chunks    []gradChunk
	classes   []gradClass

	planned bool // false if there would be too many tiles

	bias bool // whether the last tile sums the bias's gradient too
	full bool // whether all accumulators take part in the first chunk
	wide bool // whether it pays to let many accumulators wait, see gradSide
}

// A gradBatch is the weights, as indices in a filter, of some tiles in the order
// of their accumulators.
type gradBatch struct {
	weights []int32
	inOrder bool // consecutive and ascending
}

// A gradChunk is a range of output positions that the tiles of a batch take
// before they go on to the next, so that they stay in the L1 cache.
type gradChunk struct {
	x, dy int // where the chunk's distances count from, in elements
	n     int // positions
	class int
}

// A gradClass is the tiles, batch by batch, of all chunks that meet the padding
// alike.
type gradClass [][]gradTile

// A gradTile is the taps of a register tile and the positions that they sum
// over in one chunk, as the assembly reads it. Distances are in bytes.
type gradTile struct {
	taps      int32 // gradBias more if it sums the bias's gradient too
	acc       int32 // where its accumulators begin
	positions int32 // where its table of positions begins
	n         int32 // positions
	dy        int32 // the gradient at the first position
	x         [gradTaps]int32
}

// accumulators is how many a filter has in the tile.
func (t gradTile) accumulators() int {
	n := int(t.taps % gradBias)
	if t.taps >= gradBias {
		n++
	}
	return n
}

const (
	gradFilters = 6 // the most filters of a tile
	gradTaps    = 6 // the most taps of a tile

	gradPairs    = 4  // the most pairs of filters of a tile over half blocks
	gradProducts = 12 // the most of filters, or pairs, times taps: accumulators of a tile
	gradBias     = 8  // marks a tile with the bias

	// gradAccumulators is the most accumulators of a batch, filters times taps:
	// they wait in 4.5 KiB of the L1 cache for the next chunk.
	gradAccumulators = 144

	// maxGradTiles bounds the tiles of all classes: the tiles times the cuts of rows
	// and of columns at the edges. Large filters with large padding have more; the
	// portable kernel serves them.
	maxGradTiles = 1 << 18

	// gradSide is the number of parts of the filters, and of batches, whose
	// accumulators, 115 KiB at most, wait in the L2 cache for the next chunk,
	// where the layer does not fit there: each chunk is read less often.
	gradSide = 5

	// gradVectors is about how much a tile may read of a chunk, 26 KiB of an L1 cache
	// of 32, and gradLeast the number of columns that are not cut for its sake.
	gradVectors, gradLeast = 832, 32
)

// gradShapes are the register tiles, filters by taps: 12 accumulators each.
var gradShapes = [][2]int{{2, 6}, {3, 4}, {4, 3}, {6, 2}}

// A tapRect is a tap of a filter and the outputs at which it meets a pixel.
type tapRect struct {
	weight     int // index in the filter
	channel    int
	offset     int // its pixel's distance from that of the filter's first tap, in pixels
	rows, cols bounds
}

// bounds is a range [lo, hi).
type bounds struct{ lo, hi int }

func (b bounds) n() int { return b.hi - b.lo }

// divided is the number of parts of at most the given size that n has.
func divided(n, most int) int { return (n + most - 1) / most }

// share is part i of n in parts whose sizes differ by one at most.
func share(n, parts, i int) bounds { return bounds{i * n / parts, (i + 1) * n / parts} }

func (b bounds) within(o bounds) bounds {
	lo := max(b.lo, o.lo)
	return bounds{lo, max(lo, min(b.hi, o.hi))}
}

// inGroup returns those of channels b that are in a group of n, counted from the
// group's first.
func (b bounds) inGroup(group, n int) bounds {
	return bounds{b.lo - group*n, b.hi - group*n}.within(bounds{0, n})
}

// inside returns the outputs at which tap t reads a pixel.
func (a axis) inside(t int) bounds {
	lo := max(0, (a.before-t*a.dilation+a.stride-1)/a.stride)
	if a.before <= t*a.dilation {
		lo = 0
	}
	last := a.in - 1 + a.before - t*a.dilation
	if last < 0 {
		return bounds{}
	}
	return bounds{lo, max(lo, min(a.out, last/a.stride+1))}
}

// newGradPlan returns the plan for vectors of the given number of filters.
func newGradPlan(s ConvShape, pair int) gradPlan {
	p := gradPlan{pair: pair}
	tiles := p.chooseTiles(s)
	b := gradBuilder{gradPlan: &p, shape: s, rows: s.rows(), cols: s.cols(), tables: map[int]int32{}, known: map[chunkKey]int{}}
	p.wide = (s.groupC()*s.H*s.W+s.groupFilters()*s.OutH()*s.OutW())*laneBytes > cacheL2/2
	b.batch(tiles)
	b.cutColumns(tiles)
	if p.planned = len(b.rowCuts())*len(tiles)*(1+b.edges) <= maxGradTiles; !p.planned {
		return p
	}
	p.bias = len(tiles) > 0 && b.takesBias(tiles[len(tiles)-1])
	b.build()
	p.full = p.fills(p.classes[p.chunks[0].class])
	return p
}

// fills reports whether the tiles of a chunk have all accumulators.
func (p *gradPlan) fills(c gradClass) bool {
	for batch, tiles := range c {
		n := 0
		for _, t := range tiles {
			n += t.accumulators()
		}
		if n < p.accumulators(batch) {
			return false
		}
	}
	return true
}

// accumulators is how many a filter has in a batch.
func (p *gradPlan) accumulators(batch int) int {
	n := len(p.batches[batch].weights)
	if p.bias && batch == len(p.batches)-1 {
		n++
	}
	return n
}

// parts is the number of parts of a group's filters, or of some of them, that make
// up tiles: at least two if an odd number must be pairs.
func (p *gradPlan) parts(filters int) int {
	n := divided(divided(filters, p.pair), p.filters)
	if filters%p.pair != 0 {
		n = max(n, 2)
	}
	return n
}

// part returns the filters of a part of n. Pairs of an odd number of filters
// overlap in one of them.
func (p *gradPlan) part(n, i int) bounds {
	b := share(divided(n, p.pair), p.parts(n), i)
	b.lo, b.hi = b.lo*p.pair, b.hi*p.pair
	over := max(0, b.hi-n)
	return bounds{b.lo - over, b.hi - over}
}

// leavesOut reports whether some of a filter's taps meet no pixel anywhere, so
// that no tile has them.
func (p *gradPlan) leavesOut(taps int) bool {
	for _, b := range p.batches {
		taps -= len(b.weights)
	}
	return taps > 0
}

// tapRects returns the taps of a filter, those that meet pixels in the same
// output columns next to each other: together they can be a tile of the given
// number, because chunks are cut where their rows differ. Otherwise the order is
// that of the weights, as few channels at a time as make a tile.
func tapRects(s ConvShape, tile int) []tapRect {
	rows, cols := s.rows(), s.cols()
	var taps []tapRect
	for c := range s.groupC() {
		for i := range s.FH {
			for j := range s.FW {
				taps = append(taps, tapRect{
					weight:  len(taps),
					channel: c,
					offset:  (c*s.H+i*rows.dilation)*s.W + j*cols.dilation,
					rows:    rows.inside(i),
					cols:    cols.inside(j),
				})
			}
		}
	}
	if s.PadLeft == 0 && s.PadRight == 0 {
		return taps
	}
	perGroup := s.FH * s.FW * max(1, tile/s.FH)
	slices.SortStableFunc(taps, func(a, b tapRect) int {
		return cmp.Or(cmp.Compare(a.weight/perGroup, b.weight/perGroup),
			cmp.Compare(a.cols.lo, b.cols.lo), cmp.Compare(a.cols.hi, b.cols.hi))
	})
	return taps
}

// chooseTiles sets the number of filters of a tile and cuts the taps into tiles
// so that they cost least.
func (p *gradPlan) chooseTiles(s ConvShape) (tiles [][]tapRect) {
	best := 0
	for _, shape := range gradShapes {
		if p.pair == 2 && shape[0] > gradPairs {
			continue
		}
		candidate := cutTaps(tapRects(s, shape[1]), shape[1])
		cost := 0
		for n, size := range evenly(divided(s.groupFilters(), p.pair), shape[0]) {
			for _, t := range candidate {
				cost += n * tileCost(size, t)
			}
		}
		if tiles == nil || cost < best {
			best, tiles, p.filters = cost, candidate, shape[0]
		}
	}
	return tiles
}

// tileCost is about what a tile costs for a position, in twentieths of a cycle:
// there are two multiply-adds in a cycle, two loads, and four cycles from one
// multiply-add of a chain to the next. With less than twelve chains some of the
// units' time is lost all the same, about half a cycle as measured. Of tiles
// that are equal so far the one wins that loads less, and from fewer channels:
// gradients are the same from tile to tile, pixels often come from the L2 cache.
func tileCost(filters int, tile []tapRect) int {
	taps := len(tile)
	products, loads := filters*taps, filters+taps
	cost := 10 * max(products, loads, 8)
	if products < 12 {
		cost += 10
	}
	return cost + 6*loads + 3*channelsOf(tile)
}

// channelsOf is the number of channels that a tile reads.
func channelsOf(tile []tapRect) int {
	channels := 1
	for i, t := range tile[1:] {
		if t.channel != tile[i].channel {
			channels++
		}
	}
	return channels
}

// evenly yields the sizes of the least number of parts of at most the given
// size that n splits into, and how many there are of each; sizes differ by one
// at most.
func evenly(n, most int) func(yield func(count, size int) bool) {
	parts := divided(n, most)
	return func(yield func(count, size int) bool) {
		larger := n % parts
		if larger > 0 && !yield(larger, n/parts+1) {
			return
		}
		yield(parts-larger, n/parts)
	}
}

// cutTaps cuts the taps into tiles of at most the given size and the same
// columns. Taps that no output meets are left out.
func cutTaps(taps []tapRect, most int) (tiles [][]tapRect) {
	taps = slices.DeleteFunc(slices.Clone(taps), func(t tapRect) bool { return t.rows.n() == 0 || t.cols.n() == 0 })
	for len(taps) > 0 {
		n := 1
		for n < len(taps) && taps[n].cols == taps[0].cols {
			n++
		}
		group := taps[:n]
		taps = taps[n:]
		for count, size := range evenly(n, most) {
			for range count {
				tiles = append(tiles, group[:size])
				group = group[size:]
			}
		}
	}
	return tiles
}

type gradBuilder struct {
	*gradPlan
	shape      ConvShape
	rows, cols axis
	tiles      [][][]tapRect // by batch
	tables     map[int]int32 // by columns: where a table of positions begins

	across int    // parts of a line of positions
	inner  bounds // the columns at which all taps meet a pixel
	edges  int    // parts that have others
	known  map[chunkKey]int
}

// A chunkKey is all that the class of a chunk depends on: between which cuts its
// rows lie, and how many they are; its columns, from 0 if all taps meet pixels at
// them; and how far into the padding the first tap of the first position reaches.
type chunkKey struct {
	cut, rows   int
	cols        bounds
	above, left int
}

// batch puts tiles into batches.
func (b *gradBuilder) batch(tiles [][]tapRect) {
	for _, t := range tiles {
		last := len(b.batches) - 1
		if last < 0 || len(b.batches[last].weights)+len(t) >= gradAccumulators/b.filters {
			b.batches, b.tiles = append(b.batches, gradBatch{inOrder: true}), append(b.tiles, nil)
			last++
		}
		b.tiles[last] = append(b.tiles[last], t)
		for _, tap := range t {
			b.batches[last].add(int32(tap.weight))
		}
	}
}

// takesBias reports whether a tile has accumulators to spare and sums over all
// positions.
func (b *gradBuilder) takesBias(tile []tapRect) bool {
	for _, t := range tile {
		if t.rows != (bounds{0, b.rows.out}) || t.cols != (bounds{0, b.cols.out}) {
			return false
		}
	}
	return b.filters*(len(tile)+1) <= gradProducts
}

func (b *gradBatch) add(weight int32) {
	if n := len(b.weights); n > 0 && b.weights[n-1]+1 != weight {
		b.inOrder = false
	}
	b.weights = append(b.weights, weight)
}

// cutColumns decides into how many parts a line of positions is cut: as few as let
// each fit, or, where only short ones would, as let the gradients by themselves.
func (b *gradBuilder) cutColumns(tiles [][]tapRect) {
	b.across = 1
	width := b.cols.out
	for ; width > gradLeast && !b.fits(1, width); width = divided(b.cols.out, b.across) {
		b.across++
	}
	if !b.fits(1, width) {
		b.across = divided(b.cols.out, gradVectors/b.filters)
	}
	b.inner = bounds{0, b.cols.out}
	for _, t := range tiles {
		b.inner = b.inner.within(t[0].cols)
	}
	for i := range b.across {
		if c := share(b.cols.out, b.across, i); c.within(b.inner) != c {
			b.edges++
		}
	}
}

// build cuts the output into chunks: some rows, or a part of one that is long.
func (b *gradBuilder) build() {
	height := 1
	for b.across == 1 && height < b.rows.out && b.fits(height+1, b.cols.out) {
		height++
	}
	cuts := b.rowCuts()
	for i, end := range cuts[1:] {
		rows := end - cuts[i]
		down := divided(rows, height)
		for r := range down {
			chunk := share(rows, down, r)
			for c := range b.across {
				b.chunk(i, bounds{cuts[i] + chunk.lo, cuts[i] + chunk.hi}, share(b.cols.out, b.across, c), height)
			}
		}
	}
}

// fits reports whether what a tile reads of a chunk of rows and columns fits into
// the L1 cache: its filters' gradients and the image's pixels below all their taps,
// which the next tile mostly reads too.
func (b *gradBuilder) fits(rows, cols int) bool {
	pixels := b.rows.reach(rows) * b.cols.reach(cols)
	return b.filters*rows*cols+b.channels()*pixels <= gradVectors
}

// channels is the number of channels that most tiles read.
func (b *gradBuilder) channels() int {
	sum, n := 0, 0
	for _, tiles := range b.tiles {
		for _, t := range tiles {
			sum += channelsOf(t)
		}
		n += len(tiles)
	}
	return sum / max(1, n)
}

// rowCuts returns the rows at which a tap's rows begin or end, ascending.
func (b *gradBuilder) rowCuts() []int {
	cuts := []int{0, b.rows.out}
	for _, tiles := range b.tiles {
		for _, tile := range tiles {
			for _, t := range tile {
				cuts = append(cuts, t.rows.lo, t.rows.hi)
			}
		}
	}
	slices.Sort(cuts)
	return slices.Compact(cuts)
}

// chunk adds the chunk of some rows after a cut, and columns.
func (b *gradBuilder) chunk(cut int, rows, cols bounds, height int) {
	top, left := rows.lo*b.rows.stride-b.rows.before, cols.lo*b.cols.stride-b.cols.before
	chunk := gradChunk{
		// Inside the image, so that distances from there fit 32 bits.
		x:  (max(0, top)*b.shape.W + max(0, left)) * Lanes,
		dy: (rows.lo*b.cols.out + cols.lo) * Lanes,
		n:  rows.n() * cols.n(),
	}
	key := chunkKey{cut, rows.n(), cols, min(0, top), min(0, left)}
	if cols.within(b.inner) == cols {
		key.cols = bounds{0, cols.n()}
	}
	class, ok := b.known[key]
	if !ok {
		class = b.class(&chunk, rows, cols, height)
		b.known[key] = class
	}
	chunk.class = class
	b.chunks = append(b.chunks, chunk)
}

// class returns the class of a chunk, which is new if no other chunk is alike.
func (b *gradBuilder) class(chunk *gradChunk, rows, cols bounds, height int) int {
	class := make(gradClass, len(b.tiles))
	for i, tiles := range b.tiles {
		acc := 0
		for j, t := range tiles {
			bias := b.bias && i == len(b.tiles)-1 && j == len(tiles)-1
			for _, g := range b.tile(t, rows, cols, height, bias) {
				// Chunks that count from their own beginnings are alike.
				g.dy -= int32(chunk.dy * 4)
				for j := range g.taps % gradBias {
					g.x[j] -= int32(chunk.x * 4)
				}
				g.acc += int32(acc * laneBytes)
				class[i] = append(class[i], g)
			}
			acc += len(t)
		}
	}
	have := slices.IndexFunc(b.classes, func(have gradClass) bool {
		return slices.EqualFunc(have, class, func(a, b []gradTile) bool { return slices.Equal(a, b) })
	})
	if have < 0 {
		have = len(b.classes)
		b.classes = append(b.classes, class)
	}
	return have
}

// tile returns what a tile of taps is over rows and columns: itself, or smaller
// tiles of those that meet pixels there.
func (b *gradBuilder) tile(taps []tapRect, rows, cols bounds, height int, bias bool) (tiles []gradTile) {
	r, c := b.rows, b.cols
	cols = cols.within(taps[0].cols)
	if cols.n() == 0 {
		return nil
	}
	g := gradTile{
		positions: b.table(cols.n(), height),
		n:         int32(rows.n() * cols.n()),
		dy:        int32((rows.lo*c.out + cols.lo) * laneBytes),
	}
	if bias {
		g.taps = gradBias
	}
	first := (rows.lo*r.stride-r.before)*b.shape.W + cols.lo*c.stride - c.before
	for i, t := range taps {
		if rows.within(t.rows) != rows {
			continue
		}
		// Chunks are cut where rows begin and end: it meets all or none.
		if n := len(tiles); n > 0 && int(tiles[n-1].acc/laneBytes+tiles[n-1].taps%gradBias) == i {
			last := &tiles[n-1]
			last.x[last.taps%gradBias] = int32((first + t.offset) * laneBytes)
			last.taps++
			continue
		}
		g.acc = int32(i * laneBytes)
		g.x = [gradTaps]int32{int32((first + t.offset) * laneBytes)}
		tiles = append(tiles, g)
		tiles[len(tiles)-1].taps++
	}
	return tiles
}

// table returns where the table of positions of rows of n columns begins.
func (b *gradBuilder) table(n, height int) int32 {
	if at, ok := b.tables[n]; ok {
		return at
	}
	at := int32(len(b.positions) * 4)
	b.tables[n] = at
	r, c := b.rows, b.cols
	for row := range height {
		for q := range n {
			b.positions = append(b.positions,
				int32((row*r.stride*b.shape.W+q*c.stride)*laneBytes), int32((row*c.out+q)*laneBytes))
		}
	}
	return at
}
