package main

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/simdlanes/lanes/cmd/internal/figure"
	"github.com/simdlanes/lanes/data"
	"github.com/simdlanes/lanes/layer"
)

// A subject is an image that a model is shown.
type subject struct {
	title string    // "test digit no. 7" or the name of a file
	file  string    // part of the names of its pictures
	input []float32 // what the network gets

	proba []float32 // of each class
	best  []int     // the classes: the predicted one, then the most probable
}

// inspectSubjects goes through all images.
func (i *inspection) inspectSubjects() error {
	failed := 0
	taken := make(map[string]bool)
	for k := range len(i.digits) + len(i.images) {
		if i.ctx.Err() != nil {
			return errInterrupted
		}
		s, err := i.subject(k)
		if err != nil {
			failed++
			fmt.Fprintf(i.term.err, "lenet5 inspect: %v\n", err)
			continue
		}
		base := s.file
		for n := 2; taken[s.file]; n++ {
			s.file = fmt.Sprintf("%s-%d", base, n)
		}
		taken[s.file] = true
		if err := i.inspect(s); err != nil {
			return err
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d images failed", failed, len(i.digits)+len(i.images))
	}
	return nil
}

// subject returns image k: first come the test digits, then the files.
func (i *inspection) subject(k int) (*subject, error) {
	var s *subject
	var err error
	if k < len(i.digits) {
		s, err = i.testDigit(i.digits[k])
	} else {
		s, err = i.file(i.images[k-len(i.digits)])
	}
	if err != nil {
		return nil, err
	}
	if s.best, s.proba, err = i.Network.PredictBoth(nil, nil, s.input); err != nil {
		return nil, fmt.Errorf("%s: %w", s.title, err)
	}
	for class := range s.proba {
		if class != s.best[0] {
			s.best = append(s.best, class)
		}
	}
	slices.SortStableFunc(s.best[1:], func(a, b int) int { return cmp.Compare(s.proba[b], s.proba[a]) })
	return s, nil
}

func (i *inspection) testDigit(n int) (*subject, error) {
	test, err := i.test()
	if err != nil {
		return nil, err
	}
	s := &subject{title: fmt.Sprintf("test digit no. %d", n), file: fmt.Sprintf("digit%d", n)}
	if n >= test.Len() {
		return nil, fmt.Errorf("%s: want 0 to %d", s.title, test.Len()-1)
	}
	s.input = make([]float32, i.Network.Input().Len())
	if err := test.Read(s.input, nil, []int{n}); err != nil {
		return nil, fmt.Errorf("%s: %w", s.title, err)
	}
	return s, nil
}

func (i *inspection) file(name string) (*subject, error) {
	if i.Input == (data.Preprocess{}) {
		return nil, fmt.Errorf("%s: the model does not say how an image file becomes its input", name)
	}
	img, err := readImage(name, i.term.in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	base := filepath.Base(name)
	s := &subject{title: base, file: strings.TrimSuffix(base, filepath.Ext(base)), input: make([]float32, i.Network.Input().Len())}
	if name == "-" {
		s.title, s.file = "standard input", "stdin"
	}
	if err := i.Input.Apply(s.input, img); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return s, nil
}

// inspect shows one image, and draws its pictures.
func (i *inspection) inspect(s *subject) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", s.title, i.Name(s.best[0]))
	for _, class := range s.best[:min(5, len(s.best))] {
		fmt.Fprintf(&b, "%s %-20s %5.1f %%\n", i.Name(class), figure.Bar(float64(s.proba[class]), 20), 100*s.proba[class])
	}
	text := b.String()
	if in := i.Network.Input(); !in.IsVector() {
		text = figure.Beside(figure.Blocks(s.input[:in.H*in.W], in.W), text)
	}
	if err := i.print("\n%s", text); err != nil {
		return err
	}
	if i.out == "" {
		return nil
	}
	if err := i.writePage("activations-"+s.file, i.activations(s)); err != nil {
		return err
	}
	return i.writePage("saliency-"+s.file, i.saliency(s))
}

// photo is an image as the network gets it; a vector is a row.
func photo(in layer.Shape, values []float32) figure.Pixels {
	if in.IsVector() {
		return figure.Pixels{Image: figure.Photo(values, 1, 1, in.C), Scale: 8}
	}
	return figure.Pixels{Image: figure.Photo(values, in.C, in.H, in.W), Scale: 1}
}
