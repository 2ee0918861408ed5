//go:build race

package kernels

import (
	"bytes"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
)

// raceChild is the environment variable that names the operation whose races a
// child process is to have.
const raceChild = "LANES_TEST_RACES_OF"

// unread are operands that assembly does not read: it reads packed copies.
var unread = map[string][]string{
	"Conv.Forward":    {"w", "transposed w"},
	"Conv.DataGrad":   {"w", "packed w"},
	"Conv.ForwardOne": {"w", "transposed w"},
	"GemmPanels":      {"b"},
	"DenseOne":        {"b"},

	"Conv.Forward in parts":  {"w", "transposed w"},
	"Conv.DataGrad in parts": {"w", "packed w"},
}

// TestRaces runs every operation while another goroutine writes to one of its
// inputs, or reads one of its outputs. The race detector has to report each: it
// cannot see what assembly does, and so has to be told. Since a report ends a test
// run, that happens in a child process, for each operation.
func TestRaces(t *testing.T) {
	if !useAVX2 {
		t.Skip("portable kernels are visible to the race detector")
	}
	for i := range operations {
		o := &operations[i]
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			child := exec.Command(os.Args[0], "-test.run=^TestRaceChild$")
			child.Env = append(os.Environ(), raceChild+"="+o.name, "GORACE=atexit_sleep_ms=0 suppress_equal_stacks=0")
			output, err := child.CombinedOutput()
			if err == nil {
				t.Fatalf("the race detector has reported nothing:\n%s", output)
			}
			parts := bytes.Split(output, []byte(operandMark))
			if len(parts) == 1 {
				t.Fatalf("no operand was tried: %v\n%s", err, output)
			}
			for _, part := range parts[1:] {
				if name, report, _ := strings.Cut(string(part), "\n"); !strings.Contains(report, "WARNING: DATA RACE") {
					t.Errorf("%s: the race detector has reported nothing:\n%s", name, report)
				}
			}
		})
	}
}

const operandMark = "operand: "

// TestRaceChild has the races of the operation that the environment names.
func TestRaceChild(t *testing.T) {
	name := os.Getenv(raceChild)
	for i := range operations {
		if o := &operations[i]; o.name == name {
			haveRaces(o)
		}
	}
}

// haveRaces has a race on every operand of an operation, of which all tiles are
// full.
func haveRaces(o *operation) {
	dims := make([]int, len(o.dims))
	for i, d := range o.dims {
		if dims[i] = d.min; d.max >= sweepEnd || d.name == "lanes" {
			dims[i] = max(d.min, min(d.tile, sweepEnd))
		}
	}
	tr := start(o, dims, randomValues{newRandom(1), mixtures[0].draw}, aligned())
	for i := range tr.operands {
		if p := &tr.operands[i]; p.visible(o) {
			os.Stderr.WriteString(operandMark + p.name + "\n")
			race(tr.call, p)
		}
	}
}

// visible reports whether an operation touches an operand in a way that the race
// detector is told of: not the scalars of an optimiser's step, nor other numbers
// that assembly gets by value, nor tables, which nobody changes.
func (p *operand) visible(o *operation) bool {
	if p.derived && !slices.Contains([]string{"packed w", "transposed w", "panels"}, p.name) {
		return false
	}
	return len(p.data) > 1 && p.name != "step" && !slices.Contains(unread[o.name], p.name)
}

// race calls f while another goroutine reads the operand, or writes it if f only
// reads it. Both exist until both are done: the detector confuses a goroutine with
// one that has ended.
func race(f func(), p *operand) {
	var done sync.WaitGroup
	start, end := make(chan struct{}), make(chan struct{})
	for _, f := range []func(){f, p.touch} {
		done.Add(1)
		go func() {
			<-start
			f()
			done.Done()
			<-end
		}()
	}
	close(start)
	done.Wait()
	close(end)
}

// touch reads the operand, or writes it if operations only read it.
func (p *operand) touch() {
	for i := range p.data {
		if p.role == in {
			p.data[i] = 1
		} else {
			sink = p.data[i]
		}
	}
}

// sink keeps what is read from being left out.
var sink float32
