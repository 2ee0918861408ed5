package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

const introduction = `# lanes beside its peers

Written by benchmarks/peers/run.sh; benchmarks/peers/README.md says what is measured and how. Do not edit.

Times are the best of all rounds. A ratio is the time of the best peer over that of lanes: above 1, lanes is faster.
FLOPs are the useful ones: none for padding. The peak is that of AVX2 multiply-adds, measured in the same run.

`

// write writes all tables that have a row.
func (r results) write(out io.Writer) {
	r.addBestKernels()
	io.WriteString(out, introduction)
	for _, s := range r.settings {
		fmt.Fprintf(out, "- %s: %s\n", s.name, s.value)
	}
	for _, n := range r.cores() {
		fmt.Fprintf(out, "- peak of %s: %.1f GFLOP/s\n", cores(n), r.peak(n))
	}
	for _, a := range areas() {
		for _, n := range r.cores() {
			if a.workers == nil || slices.Contains(a.workers, n) {
				r.writeArea(out, a, n)
			}
		}
	}
}

func cores(n int) string {
	if n == 1 {
		return "one core"
	}
	return fmt.Sprintf("%d cores", n)
}

// writeArea writes the table of an area, of the rows for which lanes was
// measured, or anyone else.
func (r results) writeArea(out io.Writer, a area, workers int) {
	shown := r.shownPeers(a, workers)
	columns := a.columns
	if workers > 1 {
		columns = append(slices.Clip(columns), scaling)
	}
	var lines [][]string
	for _, row := range a.rows {
		if r.fastest(row.key, append(shown, "lanes"), workers) > 0 {
			lines = append(lines, r.line(row, a.unit, shown, columns, workers))
		}
	}
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(out, "\n## %s, %s\n\n", a.title, cores(workers))
	if a.note != "" {
		fmt.Fprintf(out, "%s\n\n", a.note)
	}
	header := append([]string{a.unit}, shown...)
	header = append(header, "**lanes**", "ratio")
	for _, c := range columns {
		header = append(header, c.title)
	}
	writeLine(out, header)
	writeLine(out, append([]string{"---"}, slices.Repeat([]string{"--:"}, len(header)-1)...))
	for _, line := range lines {
		writeLine(out, line)
	}
	if a.summary != nil {
		if s := a.summary(r, workers); s != "" {
			fmt.Fprintf(out, "\n%s\n", s)
		}
	}
}

// shownPeers returns the peers that were measured on any row of an area.
func (r results) shownPeers(a area, workers int) (shown []string) {
	for _, peer := range peers {
		if slices.ContainsFunc(a.rows, func(row row) bool { return r.time(row.key, peer, workers) > 0 }) {
			shown = append(shown, peer)
		}
	}
	return shown
}

// line is a row of a table: the peers, lanes, the ratio and more columns. What
// was not measured is a dash.
func (r results) line(row row, unit string, shown []string, columns []column, workers int) []string {
	cells := []string{row.title}
	for _, impl := range append(slices.Clip(shown), "lanes") {
		cells = append(cells, value(row, unit, r.time(row.key, impl, workers)))
	}
	lanes := r.time(row.key, "lanes", workers)
	if lanes == 0 {
		return append(cells, slices.Repeat([]string{none}, 1+len(columns))...)
	}
	cells = append(cells, ratio(r.fastest(row.key, shown, workers)/lanes))
	for _, c := range columns {
		cells = append(cells, c.value(r, row, workers))
	}
	return cells
}

const none = "–"

// value is a time in the unit of a table.
func value(row row, unit string, ns float64) string {
	switch {
	case ns == 0:
		return none
	case unit == rate:
		return fmt.Sprintf("%.1f", row.amount/ns)
	case unit == seconds:
		return fmt.Sprintf("%.2f", ns/1e9)
	}
	return fmt.Sprintf("%.2f", ns/1e3/row.amount)
}

func ratio(x float64) string {
	if x == 0 {
		return none
	}
	return fmt.Sprintf("%.2f", x)
}

func percent(x float64) string { return fmt.Sprintf("%.0f %%", 100*x) }

func writeLine(out io.Writer, cells []string) {
	fmt.Fprintf(out, "| %s |\n", strings.Join(cells, " | "))
}
