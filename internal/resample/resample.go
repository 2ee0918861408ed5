// Package resample says which cells of a line of pixels make one cell of the same
// line at another length, in whole numbers, so that a pixel is rounded once and has
// the same value on every machine.
package resample

// A Tap says which cells of a line make one cell of the scaled line: Near times
// cell Lo, Mid times each between, and Far times cell Hi, which is 0 if Hi is
// Lo. The weights of all cells add up to the unit of what made the tap.
type Tap struct {
	Lo, Hi         int
	Near, Mid, Far uint64
}

// Average is how cell o of out is made of a line of in cells that shrinks: of
// the cells that [o, o+1)·in/out covers, in units of 1/out, which add up to in.
func Average(in, out, o int) Tap {
	begin, end := o*in, (o+1)*in
	t := Tap{Lo: begin / out, Hi: (end - 1) / out, Mid: uint64(out)}
	t.Near = uint64(min((t.Lo+1)*out, end) - begin)
	if t.Hi > t.Lo {
		t.Far = uint64(end - t.Hi*out)
	}
	return t
}

// Interpolate is how cell o of out lies between two of a line of in cells: its
// centre at (o+½)·in/out − ½ of the line, held within it, in units of 1/(2·out),
// which add up to 2·out.
func Interpolate(in, out, o int) Tap {
	unit := 2 * out
	position := min(max((2*o+1)*in-out, 0), (in-1)*unit)
	t := Tap{Lo: position / unit, Far: uint64(position % unit)}
	t.Near = uint64(unit) - t.Far
	t.Hi = t.Lo
	if t.Far > 0 {
		t.Hi++
	}
	return t
}

// DivideToEven returns a/b rounded to the nearest integer, a half to the even
// one.
func DivideToEven(a, b uint64) uint64 {
	if b == 1 {
		return a
	}
	quotient, remainder := a/b, a%b
	if 2*remainder > b || 2*remainder == b && quotient%2 == 1 {
		quotient++
	}
	return quotient
}
