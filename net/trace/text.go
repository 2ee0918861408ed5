package trace

import (
	"bufio"
	"io"
	"strconv"

	"github.com/simdlanes/lanes/net"
)

// Text writes tensors as text. Each begins with a line that says what it is,
// followed by its rows, the columns aligned, and an empty line. Where a tensor
// has more than two dimensions, each matrix of its last two comes after a line
// with its indices in the others: [image][channel].
type Text struct {
	W io.Writer

	// Digits is the number of significant digits, at most 9; 0 means as few as it
	// takes to read back the same bits.
	Digits int
}

// Show writes one tensor. It is a function for [net.Trace.Show]; its errors are
// those of W.
func (t Text) Show(x net.Tensor) error {
	w := bufio.NewWriter(t.W)
	w.WriteString(x.String())
	w.WriteByte('\n')
	t.table(w, x)
	w.WriteByte('\n')
	return w.Flush()
}

// table writes the elements of a tensor.
func (t Text) table(w *bufio.Writer, x net.Tensor) {
	cell := make([]byte, 0, 32)
	width := 0
	for i := range length(x) {
		width = max(width, len(t.element(cell, x, i)))
	}
	dims := x.Shape
	outer, rows, columns := dims[:max(len(dims)-2, 0)], 1, dims[len(dims)-1]
	if len(dims) > 1 {
		rows = dims[len(dims)-2]
	}
	for i := range length(x) {
		if len(outer) > 0 && i%(rows*columns) == 0 {
			writeIndices(w, outer, i/(rows*columns))
		}
		text := t.element(cell, x, i)
		for range 2 + width - len(text) {
			w.WriteByte(' ')
		}
		w.Write(text)
		if (i+1)%columns == 0 {
			w.WriteByte('\n')
		}
	}
}

// writeIndices writes the indices, in the given dimensions, of the i-th part.
func writeIndices(w *bufio.Writer, dims []int, i int) {
	parts := 1
	for _, d := range dims {
		parts *= d
	}
	for _, d := range dims {
		parts /= d
		w.WriteByte('[')
		w.WriteString(strconv.Itoa(i / parts % d))
		w.WriteByte(']')
	}
	w.WriteByte('\n')
}

func length(x net.Tensor) int { return len(x.Data) + len(x.Labels) }

// element appends the i-th element to an empty cell.
func (t Text) element(cell []byte, x net.Tensor, i int) []byte {
	if x.Labels != nil {
		return strconv.AppendInt(cell, int64(x.Labels[i]), 10)
	}
	digits := min(t.Digits, 9)
	if digits < 1 {
		digits = -1
	}
	return strconv.AppendFloat(cell, float64(x.Data[i]), 'g', digits, 32)
}
