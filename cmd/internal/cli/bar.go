package cli

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// Bar shows progress on a terminal, and nothing elsewhere.
type Bar struct{ out io.Writer }

// NewBar returns a bar on stderr if that is a terminal.
func NewBar(stderr io.Writer) Bar {
	if f, ok := stderr.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return Bar{f}
	}
	return Bar{}
}

// Start begins a task of a number of steps. The returned functions report one
// step, and the end.
func (b Bar) Start(title string, steps int) (step, end func()) {
	if b.out == nil {
		return func() {}, func() {}
	}
	p := progressbar.NewOptions(steps,
		progressbar.OptionSetWriter(b.out),
		progressbar.OptionSetDescription(title),
		progressbar.OptionSetWidth(30),
		progressbar.OptionShowCount(),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish())
	// A progress bar that cannot be drawn is no reason to stop.
	return func() { _ = p.Add(1) }, func() { _ = p.Finish() }
}
