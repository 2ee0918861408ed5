package main

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/simdlanes/lanes/benchmarks/cases"
)

// results is what was measured, the best of each name.
type results struct {
	settings []setting          // of the run, in the order in which they are read
	values   map[string]float64 // by name and unit
}

// setting is something that is to be known of a run: the machine, a version.
type setting struct{ name, value string }

const (
	nanoseconds = "ns/op"
	allocations = "allocs/op"
)

// read reads the format of Go benchmarks: lines of "name: value" and of
// "BenchmarkPeers/name iterations value unit value unit". Times of one name are
// those of several rounds, of which the shortest counts; of allocations it is
// the most.
func read(in io.Reader) (results, error) {
	r := results{values: make(map[string]float64)}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		line := lines.Text()
		if name, ok := strings.CutPrefix(line, "BenchmarkPeers/"); ok {
			if err := r.add(strings.Fields(name)); err != nil {
				return results{}, fmt.Errorf("%q: %w", line, err)
			}
		} else if name, value, ok := strings.Cut(line, ": "); ok {
			r.settings = append(r.settings, setting{name, value})
		} else if line != "" {
			return results{}, fmt.Errorf("%q is neither a setting nor a measurement", line)
		}
	}
	return r, lines.Err()
}

// add adds a line: its name, the number of iterations, values and units.
func (r results) add(fields []string) error {
	if len(fields) < 4 || len(fields)%2 != 0 {
		return fmt.Errorf("has %d fields", len(fields))
	}
	for i := 2; i < len(fields); i += 2 {
		value, err := strconv.ParseFloat(fields[i], 64)
		if err != nil {
			return err
		}
		name, unit := fields[0], fields[i+1]
		old, seen := r.values[name+" "+unit]
		switch {
		case seen && unit == allocations:
			value = max(value, old)
		case seen:
			value = min(value, old)
		}
		r.values[name+" "+unit] = value
	}
	return nil
}

// time returns the time of a case in nanoseconds, or 0 if it was not measured.
func (r results) time(key, impl string, workers int) float64 {
	return r.values[cases.Name(key, impl, workers)+" "+nanoseconds]
}

// fastest returns the shortest time of a case by any of the implementations, or
// 0 if none was measured.
func (r results) fastest(key string, impls []string, workers int) (best float64) {
	for _, impl := range impls {
		if t := r.time(key, impl, workers); t > 0 && (best == 0 || t < best) {
			best = t
		}
	}
	return best
}

// cores returns the numbers of cores on which anything was measured: 1, and
// another one if there is.
func (r results) cores() []int {
	for name := range r.values {
		name, _, _ = strings.Cut(name, " ")
		_, workers, _ := strings.Cut(name, "/workers=")
		if n, err := strconv.Atoi(workers); err == nil && n > 1 {
			return []int{1, n}
		}
	}
	return []int{1}
}
