package kernels

// columns are groups of eight columns as the assembly walks over them. Distances
// are in elements.
type columns struct {
	rows, stride  int // from a row to the next
	groups, group int // from a group to the next
}

// matrixColumns are those of a matrix that fill a group: none without AVX2. The
// portable twin does the others.
func matrixColumns(x []float32, cols int) columns {
	if !useAVX2 || len(x) == 0 {
		return columns{}
	}
	return columns{rows: len(x) / cols, stride: cols, groups: cols / Lanes, group: Lanes}
}

// blockColumns are the channels of a block, with eight numbers for each.
func blockColumns(x []float32, numbers int) columns {
	if len(x) == 0 {
		return columns{}
	}
	rows := len(x) / numbers
	return columns{rows: rows, stride: Lanes, groups: numbers / Lanes, group: rows * Lanes}
}

// eachCall calls do for the parts that a call of the assembly treats, of the rows of
// a group in order: its first element, the first of the numbers of its columns, and
// how many rows and groups it has. It is at most maxCallElements, but of two groups,
// if there are, because sums take two at a time.
func (c columns) eachCall(do func(at, first, rows, groups int)) {
	if c.groups == 0 {
		return
	}
	groups := min(c.groups, max(2, maxCallElements/Lanes/c.rows))
	rows := maxCallElements / Lanes / groups
	for g := 0; g < c.groups; g += groups {
		for r := 0; r < c.rows; r += rows {
			do(g*c.group+r*c.stride, g*Lanes, min(rows, c.rows-r), min(groups, c.groups-g))
		}
	}
}

func (c columns) sums(sum, products []float64, x, z []float32) {
	c.eachCall(func(at, first, rows, groups int) {
		if &x[0] == &z[0] {
			columnMomentsAVX2(&sum[first], &products[first], &x[at], rows, 4*c.stride, groups, 4*c.group)
			return
		}
		columnSumsAVX2(&sum[first], &products[first], &x[at], &z[at], rows, 4*c.stride, groups, 4*c.group)
	})
}

func (c columns) scale(y, x, scale, centre, shift []float32) {
	c.eachCall(func(at, first, rows, groups int) {
		scaleColumnsAVX2(&y[at], &x[at], &scale[first], &centre[first], &shift[first], rows, 4*c.stride, groups, 4*c.group)
	})
}

func (c columns) scaleGrad(dx, dy, x, scale, slope, centre, shift []float32) {
	c.eachCall(func(at, first, rows, groups int) {
		scaleColumnsGradAVX2(&dx[at], &dy[at], &x[at], &scale[first], &slope[first], &centre[first], &shift[first],
			rows, 4*c.stride, groups, 4*c.group)
	})
}
