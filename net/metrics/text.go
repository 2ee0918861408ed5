package metrics

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// String returns the matrix as a table: a line for each label, a column for each
// predicted class.
func (c *Confusion) String() string {
	t := table{{"label \\ predicted"}}
	for class := range c.classes {
		t[0] = append(t[0], c.name(class))
	}
	for label := range c.classes {
		line := []string{c.name(label)}
		for _, n := range c.row(label) {
			line = append(line, strconv.Itoa(n))
		}
		t = append(t, line)
	}
	return t.String()
}

// Report returns a table of the scores of each class, the accuracy and the
// averages.
func (c *Confusion) Report() string {
	t := table{{"", "precision", "recall", "F1", "support"}}
	for class := range c.classes {
		t = append(t, reportLine(c.name(class), c.Class(class)))
	}
	accuracy := reportLine("accuracy", c.Micro())
	accuracy[1], accuracy[2] = "", ""
	t = append(t, accuracy, reportLine("macro average", c.Macro()), reportLine("weighted average", c.Weighted()))
	return t.String()
}

func reportLine(name string, s Scores) []string {
	return []string{
		name,
		fmt.Sprintf("%.4f", s.Precision), fmt.Sprintf("%.4f", s.Recall), fmt.Sprintf("%.4f", s.F1),
		strconv.Itoa(s.Support),
	}
}

// name is that of a class, in one line.
func (c *Confusion) name(class int) string {
	if class >= len(c.Names) || c.Names[class] == "" {
		return strconv.Itoa(class)
	}
	return strings.Join(strings.Fields(c.Names[class]), " ")
}

// table is lines of cells, as many in each.
type table [][]string

// String returns the lines with their first cell to the left and the others to
// the right of columns two spaces apart.
func (t table) String() string {
	widths := make([]int, len(t[0]))
	for _, line := range t {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for _, line := range t {
		b.WriteString(line[0])
		b.WriteString(spaces(widths[0], line[0]))
		for i, cell := range line[1:] {
			b.WriteString("  " + spaces(widths[i+1], cell) + cell)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// spaces fills a cell up to a width.
func spaces(width int, cell string) string {
	return strings.Repeat(" ", width-utf8.RuneCountInString(cell))
}
