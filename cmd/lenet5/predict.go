package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"image"
	_ "image/gif" // the formats of image files
	_ "image/jpeg"
	_ "image/png"
	"io"
	"os"
	"strings"

	"github.com/simdlanes/lanes/cmd/internal/cli"
	"github.com/simdlanes/lanes/data"
	"github.com/simdlanes/lanes/net/model"
)

var predictCommand = command{
	name:  "predict",
	usage: "[options] model image...",
	short: "name the digit in image files",
	long: `Says which digit each image shows, and how sure that is. An image is a PNG, JPEG
or GIF file of any size that shows one digit, dark on light or light on dark; "-"
is standard input. It goes on after an image that it cannot read, and fails in
the end.`,
	setUp: func(f *flag.FlagSet) func(context.Context, []string, terminal) error {
		top := 1
		f.Func("top", "`number` of digits to name for each image, the most probable first (default 1)", cli.Whole(&top, 1, 10))
		return func(ctx context.Context, args []string, t terminal) error {
			if len(args) < 2 {
				return usagef("want a model and images")
			}
			m, err := model.LoadFile(args[0])
			if err != nil {
				return err
			}
			return predict(ctx, m, args[1:], top, t)
		}
	},
}

// predict names the digits in images.
func predict(ctx context.Context, m *model.Model, names []string, top int, t terminal) error {
	width, failed := 0, 0
	for _, name := range names {
		width = max(width, len(name))
	}
	for _, name := range names {
		if ctx.Err() != nil {
			return errInterrupted
		}
		p, err := predictFile(m, name, top, t.in)
		if err != nil {
			failed++
			fmt.Fprintf(t.err, "lenet5 predict: %s: %v\n", name, err)
			continue
		}
		if _, err := fmt.Fprintf(t.out, "%-*s  %s\n", width, name, named(p)); err != nil {
			return err
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d images failed", failed, len(names))
	}
	return nil
}

// named lists predictions as "7  99.8 %, 1  0.1 %".
func named(predictions []model.Prediction) string {
	var list []string
	for _, p := range predictions {
		list = append(list, fmt.Sprintf("%s %5.1f %%", p.Name, 100*p.Probability))
	}
	return strings.Join(list, "   ")
}

func predictFile(m *model.Model, name string, top int, stdin io.Reader) ([]model.Prediction, error) {
	img, err := readImage(name, stdin)
	if err != nil {
		return nil, err
	}
	return m.TopK(nil, img, top)
}

// readImage reads an image file, or standard input for "-".
func readImage(name string, stdin io.Reader) (image.Image, error) {
	if name == "-" {
		return decode(stdin)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, errors.Unwrap(err) // without the name, which the caller knows
	}
	defer f.Close()
	return decode(f)
}

func decode(r io.Reader) (image.Image, error) {
	img, err := data.Decode(r)
	if errors.Is(err, image.ErrFormat) {
		return nil, errors.New("want a PNG, JPEG or GIF image")
	}
	return img, err
}
