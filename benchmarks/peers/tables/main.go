// Tables turns measurements, as all programs of the comparison print them, into
// the tables of benchmarks/RESULTS.md. It reads standard input and writes
// standard output.
//
// With -cases N it writes what is to be measured on N cores instead, which the
// programs read from their standard input: a case a line, its key and, of
// kernels, its numbers. With -only as well, it writes those alone whose keys the
// regular expression matches.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"regexp"

	"github.com/simdlanes/lanes/benchmarks/cases"
)

func main() {
	log.SetFlags(0)
	workers := flag.Int("cases", 0, "write the cases that are measured on `N` cores")
	only := flag.String("only", "", "with -cases: those whose keys `REGEXP` matches")
	flag.Parse()
	out := bufio.NewWriter(os.Stdout)
	if *workers > 0 {
		if err := writeCases(out, *workers, *only); err != nil {
			log.Fatal(err)
		}
	} else {
		r, err := read(os.Stdin)
		if err != nil {
			log.Fatal(err)
		}
		r.write(out)
	}
	if err := out.Flush(); err != nil {
		log.Fatal(err)
	}
}

// writeCases fails if only is no regular expression.
func writeCases(out io.Writer, workers int, only string) error {
	pattern, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	numbers := make(map[string][]int)
	for _, c := range cases.All(workers) {
		numbers[c.Key()] = c.Numbers()
	}
	for _, key := range cases.Keys(workers) {
		if !pattern.MatchString(key) {
			continue
		}
		fmt.Fprint(out, key)
		for _, n := range numbers[key] {
			fmt.Fprint(out, " ", n)
		}
		fmt.Fprintln(out)
	}
	return nil
}
