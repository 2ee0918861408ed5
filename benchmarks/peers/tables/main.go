// Tables turns measurements, as all programs of the comparison print them, into
// the tables of benchmarks/RESULTS.md. It reads standard input and writes
// standard output.
//
// With -cases N it writes what is to be measured on N cores instead, for the
// programs in other languages: a case a line, its key and its numbers.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/simdlanes/lanes/benchmarks/cases"
)

func main() {
	log.SetFlags(0)
	workers := flag.Int("cases", 0, "write the cases that are measured on `N` cores")
	flag.Parse()
	out := bufio.NewWriter(os.Stdout)
	if *workers > 0 {
		writeCases(out, *workers)
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

func writeCases(out io.Writer, workers int) {
	for _, c := range cases.All(workers) {
		fmt.Fprint(out, c.Key())
		for _, n := range c.Numbers() {
			fmt.Fprint(out, " ", n)
		}
		fmt.Fprintln(out)
	}
}
