// Package measure is how the Go programs of the comparison measure and report;
// those in other languages do the same.
//
// A time is the shortest of many calls, which is what the work takes when
// nothing interferes. Calls too short for the clock are timed several at once.
package measure

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/simdlanes/lanes/benchmarks/cases"
)

// Run is one run of a program.
type Run struct {
	Impl    string        // who is measured
	Workers int           // cores that it may use
	Time    time.Duration // for one measurement

	wanted map[string]bool // keys
}

// Parse reads the arguments WORKERS and SECONDS, and from standard input what is
// to be measured: a case a line, of which the first word is the key.
func Parse(impl string) Run {
	flag.Parse()
	workers, err := strconv.Atoi(flag.Arg(0))
	seconds, err2 := strconv.ParseFloat(flag.Arg(1), 64)
	if flag.NArg() != 2 || err != nil || err2 != nil || workers < 1 || !(seconds > 0) {
		fmt.Fprintf(os.Stderr, "usage: %s WORKERS SECONDS < cases\n", os.Args[0])
		os.Exit(2)
	}
	wanted, err := readKeys(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	runtime.GOMAXPROCS(workers)
	return Run{impl, workers, time.Duration(seconds * float64(time.Second)), wanted}
}

func readKeys(in io.Reader) (map[string]bool, error) {
	keys := make(map[string]bool)
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		key, _, _ := strings.Cut(lines.Text(), " ")
		keys[key] = true
	}
	return keys, lines.Err()
}

// Wants reports whether any of the keys is to be measured.
func (r Run) Wants(keys ...string) bool {
	return slices.ContainsFunc(keys, func(key string) bool { return r.wanted[key] })
}

// Best returns the shortest time of one call of f.
func (r Run) Best(f func()) float64 {
	const enough = 50 * time.Microsecond
	start := time.Now()
	f()
	calls := 1 + int(min(1000, enough/max(1, time.Since(start))))
	best := time.Duration(1<<63 - 1)
	end := time.Now().Add(r.Time)
	for i := 0; i < 5 || time.Now().Before(end); i++ {
		start := time.Now()
		for range calls {
			f()
		}
		best = min(best, time.Since(start))
	}
	return float64(best.Nanoseconds()) / float64(calls)
}

// Median returns the middle one of the times of single calls of f.
func (r Run) Median(f func()) float64 {
	var times []time.Duration
	end := time.Now().Add(r.Time)
	for len(times) < 1000 || time.Now().Before(end) {
		start := time.Now()
		f()
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	return float64(times[len(times)/2].Nanoseconds())
}

// Allocations returns how often a call of f allocates, rounded down, as
// testing.AllocsPerRun does, but on as many cores as before.
func Allocations(f func()) float64 {
	const calls = 100
	f()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range calls {
		f()
	}
	runtime.ReadMemStats(&after)
	return float64((after.Mallocs - before.Mallocs) / calls)
}

// Report prints a time in nanoseconds under a case's key, and other values
// with their units.
func (r Run) Report(key string, ns float64, others ...string) {
	r.ReportAs(r.Impl, key, ns, others...)
}

// ReportAs is Report in another's name.
func (r Run) ReportAs(impl, key string, ns float64, others ...string) {
	fmt.Printf("BenchmarkPeers/%s 1 %.2f ns/op", cases.Name(key, impl, r.Workers), ns)
	for _, other := range others {
		fmt.Print(" ", other)
	}
	fmt.Println()
}
