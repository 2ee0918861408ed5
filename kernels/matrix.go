package kernels

import "unsafe"

// matrix is the elements of a slice that a row-major matrix consists of, and
// not what lies between its rows.
type matrix struct {
	s              []float32 // from the first element to the last
	rows, cols, ld int
}

// checkMatrix panics unless s holds the matrix.
func checkMatrix(s []float32, rows, cols, ld int, badLd, short string) matrix {
	if ld < max(1, cols) {
		panic(badLd)
	}
	if rows == 0 || cols == 0 {
		return matrix{}
	}
	if !holds(s, rows, cols, ld) {
		panic(short)
	}
	return matrix{s[:(rows-1)*ld+cols], rows, cols, ld}
}

// row is a slice as a matrix of one row.
func row(s []float32) matrix { return matrix{s, min(1, len(s)), len(s), max(1, len(s))} }

// overlaps reports whether two matrices share elements. Blocks of columns of one
// larger matrix do not.
func (m matrix) overlaps(o matrix) bool {
	if !overlap(m.s, o.s) {
		return false
	}
	if m.ld != o.ld {
		return true
	}
	apart := int(uintptr(unsafe.Pointer(&o.s[0]))-uintptr(unsafe.Pointer(&m.s[0]))) / 4
	apart = (apart%m.ld + m.ld) % m.ld // of o's first column from m's
	return apart < m.cols || apart+o.cols > m.ld
}

// race tells the race detector that the rows are read or written.
func (m matrix) race(tell func([]float32)) {
	if !raceEnabled {
		return
	}
	for i := range m.rows {
		tell(m.s[i*m.ld:][:m.cols])
	}
}

// storedSize is the size of a matrix as it is stored.
func storedSize(trans bool, rows, cols int) (r, c int) {
	if trans {
		return cols, rows
	}
	return rows, cols
}

// strides returns the distances between rows and between columns of op(X).
func strides(trans bool, ld int) (rs, cs int) {
	if trans {
		return 1, ld
	}
	return ld, 1
}
