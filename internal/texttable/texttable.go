// Package texttable aligns tables of text. (That of text/tabwriter aligns all
// columns to one side.)
package texttable

import (
	"strings"
	"unicode/utf8"
)

// Format returns rows of cells as lines, with the cells of each column one below
// the other: those of the first columns, left in number, to the left, those of
// the others, which are mostly numbers, to the right. Two spaces lie between
// columns, and none at the end of a line. Rows may end early.
func Format(rows [][]string, left int) string {
	widths := widths(rows)
	var text, line strings.Builder
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				line.WriteString("  ")
			}
			padding := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i < left {
				line.WriteString(cell + padding)
			} else {
				line.WriteString(padding + cell)
			}
		}
		text.WriteString(strings.TrimRight(line.String(), " ") + "\n")
		line.Reset()
	}
	return text.String()
}

// widths are those of the columns, in characters.
func widths(rows [][]string) (widths []int) {
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	return widths
}
