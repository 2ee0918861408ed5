package kernels

// A poolPlan is the windows of one channel as the assembly reads them: spans of
// neighbouring windows of a row that meet the same pixels, in row-major order,
// and the lists of these pixels. All channels share it.
type poolPlan struct {
	chunks [][]poolSpan // what one call takes
	lists  []int32      // distances from a window's first pixel, in bytes, the last one twice
	xStep  int          // from a window's pixels to the next window's, in bytes
	listed bool         // false if a call would take too long, or there would be too many
}

// A poolSpan is n windows. Distances are in bytes.
type poolSpan struct {
	x, y  int32 // the first window's first pixel, and its output
	n     int32
	list  int32 // where the list of pixels begins
	k     int32 // pixels of a window
	count float32
}

const (
	// maxCallPixels bounds the pixels of all windows of one call of the assembly:
	// at up to 3 cycles each, some tens of microseconds. The portable kernels
	// serve larger windows, of more than 128 rows and columns.
	maxCallPixels = 1 << 14

	// maxPoolTables bounds the spans, and the pixels of all lists together.
	maxPoolTables = 1 << 18

	// maxPoolReads bounds the windows times the pixels of each along an axis,
	// which it takes to make the tables.
	maxPoolReads = 1 << 24
)

type poolBuilder struct {
	*poolPlan
	shape PoolShape
	lists map[[2]int]int32 // by rows and columns
}

func newPoolPlan(s PoolShape) poolPlan {
	if s.FH*s.FW > maxCallPixels || max(int64(s.OutH())*int64(s.FH), int64(s.OutW())*int64(s.FW)) > maxPoolReads {
		return poolPlan{}
	}
	rows, cols := s.rows().forwardRuns(), s.cols().forwardRuns()
	p := poolPlan{
		xStep: s.cols().stride * laneBytes,
		listed: listTaps(rows)*listTaps(cols) <= maxPoolTables &&
			s.OutH()*divided(s.OutW(), maxCallPixels/(s.FH*s.FW))*len(cols) <= maxPoolTables,
	}
	if !p.listed {
		return p
	}
	b := poolBuilder{poolPlan: &p, shape: s, lists: map[[2]int]int32{}}
	calls := spanCalls{xStep: p.xStep}
	for _, r := range rows {
		for i := range r.n {
			for _, c := range cols {
				calls.add(b.span(r.part(i, 1), c))
			}
		}
	}
	p.chunks = calls.all()
	return p
}

// span is the windows of a row and a run of columns.
func (b *poolBuilder) span(r, c run) poolSpan {
	return poolSpan{
		x:     int32((r.from*b.shape.W + c.from) * laneBytes),
		y:     int32((r.first*b.shape.OutW() + c.first) * laneBytes),
		n:     int32(c.n),
		list:  b.list(r.k, c.k),
		k:     int32(r.k * c.k),
		count: b.shape.count(r, c),
	}
}

// spanWork is about what a span costs by itself, in pixels.
const spanWork = 2

// spanCalls divides spans among calls of the assembly.
type spanCalls struct {
	xStep int
	calls [][]poolSpan
	spans []poolSpan // of the last call
	work  int        // pixels of the last call
}

// add appends a span: several, if it is more than one call takes.
func (c *spanCalls) add(span poolSpan) {
	each := max(1, int(span.k)) // a pixel without windows is written too
	c.work += spanWork
	for left := span.n; left > 0; left -= span.n {
		span.n = min(left, int32(max(1, maxCallPixels/each)))
		if c.work += int(span.n) * each; c.work > maxCallPixels {
			c.calls, c.spans, c.work = c.all(), nil, int(span.n)*each
		}
		c.spans = append(c.spans, span)
		span.x += span.n * int32(c.xStep)
		span.y += span.n * laneBytes
	}
}

func (c *spanCalls) all() [][]poolSpan {
	if len(c.spans) == 0 {
		return c.calls
	}
	return append(c.calls, c.spans)
}

// list returns where the list of a window's pixels begins, in bytes.
func (b *poolBuilder) list(rows, cols int) int32 {
	key := [2]int{rows, cols}
	if at, ok := b.lists[key]; ok {
		return at
	}
	at := int32(len(b.poolPlan.lists) * 4)
	b.lists[key] = at
	for i := range rows {
		for j := range cols {
			b.poolPlan.lists = append(b.poolPlan.lists, int32((i*b.shape.W+j)*laneBytes))
		}
	}
	b.poolPlan.lists = append(b.poolPlan.lists, b.poolPlan.lists[len(b.poolPlan.lists)-1])
	return at
}

// count is the number of pixels that the windows of two runs are averages of.
func (s *PoolShape) count(r, c run) float32 {
	return float32(s.counted(r.tap, r.k, s.FH, s.PadBottom) * s.counted(c.tap, c.k, s.FW, s.PadRight))
}

// counted is how many of a window's pixels along an axis count in its average:
// it meets the input with k of them from its pixel first on.
func (s *PoolShape) counted(first, k, window, padAfter int) int {
	if !s.CountPad {
		return k
	}
	return first + k + min(window-first-k, padAfter)
}
