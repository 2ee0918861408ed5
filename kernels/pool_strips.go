package kernels

import "unsafe"

// poolStrips are the gradient of windows that overlap, as the assembly computes it:
// for a strip of rows, first what each of its windows sends, then the sum of each
// pixel. All channels share them.
type poolStrips struct {
	all   []poolStrip // none: the gradient goes window by window
	lists []int32     // of pixels, and of windows
	few   bool        // whether few windows send to more than one strip
}

type poolStrip struct {
	first   int // the first window that sends to the strip
	windows [][]poolSpan
	pixels  [][]poolSpan // in place of y, distances are from what the first window sends
}

// maxStripWindows bounds the windows that send to a strip: what they send fills half
// of an L1 cache.
const maxStripWindows = 512

// sentByStrip is what the windows of a strip send, with room to begin at a cache line:
// vectors across two lines took a sixth of the gradient's time.
type sentByStrip [maxStripWindows*Lanes + lineLen - 1]float32

const lineLen = 64 / 4

func (s *sentByStrip) start() *float32 {
	return &s[-uintptr(unsafe.Pointer(s))/4%lineLen]
}

type stripBuilder struct {
	*poolStrips
	shape                PoolShape
	rows, cols           axis
	windowRows, dataRows []run // of one row each, in order
	windowCols, dataCols []run
	known                map[[5]int]int32 // lists, by order, and first and number of taps on each axis
	sent                 int              // windows of all strips
}

// newPoolStrips returns no strips where the windows that send to one row of pixels are
// too many.
func newPoolStrips(s PoolShape) poolStrips {
	rows, cols := s.rows(), s.cols()
	sendToRow := min(rows.out, ceilDiv(s.FH, rows.stride))
	if sendToRow*cols.out > maxStripWindows || !Fits(s.FH, s.W+s.FW) {
		return poolStrips{}
	}
	dataRows, dataCols := rows.dataRuns(), cols.dataRuns()
	if listTaps(dataRows)*listTaps(dataCols) > maxPoolTables || s.H*len(dataCols) > maxPoolTables {
		return poolStrips{}
	}
	p := poolStrips{}
	b := stripBuilder{
		poolStrips: &p, shape: s, rows: rows, cols: cols,
		windowRows: single(rows.forwardRuns(), rows.out), dataRows: single(dataRows, s.H),
		windowCols: cols.forwardRuns(), dataCols: dataCols,
		known: map[[5]int]int32{},
	}
	for row := 0; row < s.H; {
		row = b.strip(row)
	}
	p.few = 2*b.sent <= 3*rows.out*cols.out
	return p
}

// single returns the positions of runs, each as a run, in order.
func single(runs []run, n int) []run {
	all := make([]run, n)
	for _, r := range runs {
		for i := range r.n {
			one := r.part(i, 1)
			all[one.first] = one
		}
	}
	return all
}

// strip adds the strip that begins with a row of pixels, and returns the row behind
// it.
func (b *stripBuilder) strip(row int) int {
	outW := b.cols.out
	first, end := b.rows.out, 0 // rows of windows
	next := row
	for ; next < b.shape.H; next++ {
		r := b.dataRows[next]
		if r.k == 0 {
			continue
		}
		lowest, behind := min(first, r.from-r.k+1), max(end, r.from+1)
		if (behind-lowest)*outW > maxStripWindows {
			break
		}
		first, end = lowest, behind
	}
	windows, pixels := spanCalls{xStep: b.cols.stride * laneBytes}, spanCalls{xStep: b.cols.stride * laneBytes}
	for o := first; o < end; o++ {
		for _, c := range b.windowCols {
			windows.add(b.windows(b.windowRows[o], c, first))
		}
	}
	for _, r := range b.dataRows[row:next] {
		for _, c := range b.dataCols {
			pixels.add(b.pixels(r, c, first))
		}
	}
	b.sent += max(0, end-first) * outW
	b.all = append(b.all, poolStrip{first: first * outW, windows: windows.all(), pixels: pixels.all()})
	return next
}

// windows are the windows of a row and a run of columns. Their list tells where
// pixels lie in the whole window, though part of it be in the padding.
func (b *stripBuilder) windows(r, c run, first int) poolSpan {
	return poolSpan{
		x:     int32(((r.from-r.tap)*b.shape.W + c.from - c.tap) * laneBytes),
		y:     int32(((r.first-first)*b.cols.out + c.first) * laneBytes),
		n:     int32(c.n),
		list:  b.list(r, c, 1),
		k:     int32(r.k * c.k),
		count: b.shape.count(r, c),
	}
}

// pixels are the pixels of a row and a run of columns.
func (b *stripBuilder) pixels(r, c run, first int) poolSpan {
	return poolSpan{
		x:    int32((r.first*b.shape.W + c.first) * laneBytes),
		y:    int32(((r.from-first)*b.cols.out + c.from) * laneBytes),
		n:    int32(c.n),
		list: b.list(r, c, -1),
		k:    int32(r.k * c.k),
	}
}

// list returns where the list of what two runs read begins, in bytes: of the pixels
// of a window, if order is 1, and of the windows of a pixel, if it is -1. Their
// first tap then reads the last window.
func (b *stripBuilder) list(r, c run, order int) int32 {
	key := [5]int{r.tap, r.k, c.tap, c.k, order}
	at, ok := b.known[key]
	if ok {
		return at
	}
	at = int32(len(b.lists) * 4)
	b.known[key] = at
	tap := func(i, j int) int32 {
		return int32(((r.tap+i*r.tapStep)*b.shape.W + c.tap + j*c.tapStep) * laneBytes)
	}
	if order > 0 {
		for i := range r.k {
			for j := range c.k {
				b.lists = append(b.lists, tap(i, j))
			}
		}
		return at
	}
	for i := r.k - 1; i >= 0; i-- {
		for j := c.k - 1; j >= 0; j-- {
			b.lists = append(b.lists, int32((i*r.fromTap*b.cols.out+j*c.fromTap)*laneBytes), tap(i, j))
		}
	}
	return at
}
