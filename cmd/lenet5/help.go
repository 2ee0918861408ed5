package main

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

// overview is the usage of the program.
func overview() string {
	var b strings.Builder
	b.WriteString("lenet5 trains LeNet-5, or a deeper network, on handwritten digits and uses what\nit has learnt.\n\nusage: lenet5 <command> [options] [arguments]\n\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "  %-8s  %s\n", c.name, c.short)
	}
	b.WriteString("\n\"lenet5 help <command>\" says more about one.\n")
	return b.String()
}

// help shows the usage of the program or of a command.
func help(args []string, t terminal) int {
	if len(args) == 0 {
		fmt.Fprint(t.out, overview())
		return success
	}
	i := slices.IndexFunc(commands(), func(c command) bool { return c.name == args[0] })
	if i < 0 {
		fmt.Fprintf(t.err, "lenet5 help: no command %q: want train, resume, eval, predict or inspect\n", args[0])
		return wrongUsage
	}
	commands()[i].help(t.out)
	return success
}

// help shows the usage of the command.
func (c command) help(w io.Writer) {
	fmt.Fprintf(w, "usage: lenet5 %s\n\n%s\n\noptions:\n", strings.TrimSpace(c.name+" "+c.usage), c.long)
	f := flag.NewFlagSet(c.name, flag.ContinueOnError)
	c.setUp(f)
	f.SetOutput(w)
	f.PrintDefaults()
}
