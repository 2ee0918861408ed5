package figure

import (
	"math"
	"strings"
)

// Blocks draws an image for a terminal, where a character is two pixels, one above
// the other: each is there if it is nearer to the largest number than to the
// smallest. Empty rows and columns at the edges are left out. Each line ends
// with a line break and is as long as the others.
func Blocks(values []float32, cols int) string {
	shifted, limit := shift(values)
	on := func(x, y int) bool {
		i := y*cols + x
		return x >= 0 && x < cols && i >= 0 && i < len(shifted) && limit > 0 && float64(shifted[i]) >= limit/2
	}
	rows := len(values) / cols
	x0, x1, y0, y1 := cols, 0, rows, 0
	for y := range rows {
		for x := range cols {
			if on(x, y) {
				x0, x1, y0, y1 = min(x0, x), max(x1, x+1), min(y0, y), max(y1, y+1)
			}
		}
	}
	var b strings.Builder
	for y := y0; y < y1; y += 2 {
		for x := x0; x < x1; x++ {
			b.WriteRune(half(on(x, y), y+1 < y1 && on(x, y+1)))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// half is the character with its upper or its lower half filled, or both.
func half(upper, lower bool) rune {
	switch {
	case upper && lower:
		return '█'
	case upper:
		return '▀'
	case lower:
		return '▄'
	}
	return ' '
}

var levels = []rune("▁▂▃▄▅▆▇█")

// Sparkline draws numbers as bars of a line, at most width of them, each the mean
// of its share of the numbers. The smallest is the lowest bar, the largest the
// highest; with log, the logarithms are drawn, of what is above 0.
func Sparkline(values []float64, width int, log bool) string {
	bars := Condense(values, width)
	if log {
		for i, v := range bars {
			bars[i] = math.Log(max(v, math.SmallestNonzeroFloat32))
		}
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range bars {
		low, high = min(low, v), max(high, v)
	}
	var b strings.Builder
	for _, v := range bars {
		level := 0
		if high > low {
			level = int((v-low)/(high-low)*float64(len(levels)-1) + 0.5)
		}
		b.WriteRune(levels[level])
	}
	return b.String()
}

// Condense returns the means of at most n parts of values, equally long but for
// one element.
func Condense(values []float64, n int) []float64 {
	n = min(n, len(values))
	means := make([]float64, n)
	for i := range means {
		part := values[i*len(values)/n : (i+1)*len(values)/n]
		for _, v := range part {
			means[i] += v / float64(len(part))
		}
	}
	return means
}

// Bar is a bar of at most width characters for a share from 0 to 1, in eighths of
// a character.
func Bar(share float64, width int) string {
	eighths := int(math.Round(min(max(share, 0), 1) * float64(8*width)))
	s := strings.Repeat("█", eighths/8)
	if eighths%8 > 0 {
		s += string([]rune("▏▎▍▌▋▊▉")[eighths%8-1])
	}
	return s
}

// Beside puts two texts of lines beside each other.
func Beside(left, right string) string {
	l, r := strings.Split(strings.TrimSuffix(left, "\n"), "\n"), strings.Split(strings.TrimSuffix(right, "\n"), "\n")
	width := 0
	for _, line := range l {
		width = max(width, len([]rune(line)))
	}
	var b strings.Builder
	for i := range max(len(l), len(r)) {
		line := ""
		if i < len(l) {
			line = l[i]
		}
		line += strings.Repeat(" ", width-len([]rune(line))+3)
		if i < len(r) {
			line += r[i]
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}
