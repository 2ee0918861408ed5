package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/simdlanes/lanes/mnist"
)

// The sets of digits that a command trains on.
const (
	TestDigits = "test" // 8,000 of the embedded test digits, with the other 2,000 to test
	FullDigits = "full" // all 60,000 training digits, with the 10,000 test digits to test
)

const trainOfTest = 8000

// Digits says which digits a command trains on.
type Digits struct {
	Set  string `json:"set"`            // TestDigits or FullDigits; "" until Settle has chosen
	Data string `json:"data,omitempty"` // directory of the four MNIST files; "" means the Go module that holds them
}

// Flags defines -mnist and -data.
func (d *Digits) Flags(f *flag.FlagSet) {
	f.Func("mnist", "`set` of digits to train on: \"test\" is 8,000 of the 10,000 embedded test digits, \"full\" the\n60,000 training digits, from -data or fetched with the go command (default test)", d.setSet)
	d.DataFlag(f)
}

// DataFlag defines -data alone.
func (d *Digits) DataFlag(f *flag.FlagSet) {
	f.Func("data", "`directory` of the four MNIST files; implies -mnist full", d.setData)
}

func (d *Digits) setSet(name string) error {
	if name != TestDigits && name != FullDigits {
		return errors.New("want test or full")
	}
	d.Set = name
	return nil
}

func (d *Digits) setData(dir string) error {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return errors.New("want the directory of the four MNIST files")
	}
	abs, err := filepath.Abs(dir) // another run may begin elsewhere
	d.Data = abs
	return err
}

// Settle chooses the set when all flags are known: the full one if it is asked
// for by directory, or if full is true.
func (d *Digits) Settle(full bool) error {
	switch {
	case d.Set == TestDigits && d.Data != "":
		return errors.New("want -mnist test or -data, not both: the test digits are embedded")
	case d.Set != "":
	case d.Data != "" || full:
		d.Set = FullDigits
	default:
		d.Set = TestDigits
	}
	return nil
}

// Load gets the digits to train and to test on: 28 x 28 pixels from 0 to 1,
// zero-padded to 32 x 32.
func (d Digits) Load(ctx context.Context) (train, test *mnist.Examples, err error) {
	trainSet, testSet, err := d.sets(ctx)
	if err != nil {
		return nil, nil, err
	}
	if trainSet, err = trainSet.Pad(32, 32); err != nil {
		return nil, nil, err
	}
	if testSet, err = testSet.Pad(32, 32); err != nil {
		return nil, nil, err
	}
	return trainSet.Examples(mnist.Unit), testSet.Examples(mnist.Unit), nil
}

func (d Digits) sets(ctx context.Context) (train, test *mnist.Set, err error) {
	if d.Set == FullDigits {
		return d.full(ctx)
	}
	all, err := mnist.Test10k()
	if err != nil {
		return nil, nil, err
	}
	if train, err = all.Slice(0, trainOfTest); err != nil {
		return nil, nil, err
	}
	test, err = all.Slice(trainOfTest, all.Len())
	return train, test, err
}

func (d Digits) full(ctx context.Context) (train, test *mnist.Set, err error) {
	dir := d.Data
	if dir == "" {
		if dir, err = mnist.Download(ctx); err != nil {
			return nil, nil, err
		}
	}
	if train, test, err = mnist.LoadDir(dir); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", dir, err)
	}
	return train, test, nil
}
