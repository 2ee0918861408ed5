package main

import (
	"bytes"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"slices"

	"github.com/simdlanes/lanes/cmd/internal/figure"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/net/metrics"
)

// drawModel draws what needs no image: the filters, the training, and, if the
// model is known to be for the test digits, what it takes for what.
func (i *inspection) drawModel(known bool) error {
	if err := os.MkdirAll(i.out, 0o777); err != nil {
		return err
	}
	if err := i.print("\n"); err != nil {
		return err
	}
	if err := i.drawFilters(); err != nil {
		return err
	}
	if h := i.history(); h != nil {
		if err := i.writeChart("training", i.curves(h)); err != nil {
			return err
		}
	}
	if !known {
		return i.print("no test digits are known for the model: see -mnist and -data\n")
	}
	return i.drawTest()
}

// curves is the history as it is drawn.
func (i *inspection) curves(h *net.History) figure.Curves {
	c := figure.Curves{Losses: h.Losses, Tested: "validation examples"}
	if r, err := readRecipe(i.Model); err == nil {
		c.Tested = r.watched() + " digits"
	}
	steps := 0
	for _, e := range h.Epochs {
		steps += e.Steps
		c.Ends = append(c.Ends, steps)
		if e.ValidationLoss != 0 || e.Accuracy != 0 {
			c.Validation = append(c.Validation, e.ValidationLoss)
			c.Accuracy = append(c.Accuracy, e.Accuracy)
		}
	}
	return c
}

// drawTest draws what the model makes of the test digits.
func (i *inspection) drawTest() error {
	test, e, err := i.evaluate()
	if err != nil {
		return err
	}
	confusion, err := metrics.NewConfusion(e.Labels, e.Classes, i.Network.Classes())
	if err != nil {
		return err
	}
	var names []string
	for class := range confusion.Classes() {
		names = append(names, i.Name(class))
	}
	wrong := mistakes(e)
	title := fmt.Sprintf("%.2f %% right: %s in %d test digits", 100*e.Accuracy, count(len(wrong), "mistake"), test.Len())
	if err := i.writeChart("confusion", figure.Confusion{Title: title, Counts: confusion.Counts(), Names: names}); err != nil {
		return err
	}
	if len(wrong) == 0 {
		return i.print("no mistakes to draw: all %d test digits are right\n", test.Len())
	}
	page, err := i.mistakesPage(test, e, wrong)
	if err != nil {
		return err
	}
	return i.writePage("mistakes", page)
}

// drawFilters draws the filters of the convolutions among the layers.
func (i *inspection) drawFilters() error {
	zero := make([]float32, i.Network.Input().Len())
	return i.Network.Trace(zero, net.Trace{
		Layers: i.layers,
		Kinds:  []net.TensorKind{net.TensorWeights},
		Show: func(t net.Tensor) error {
			if len(t.Shape) != 4 || t.Shape[2]*t.Shape[3] == 1 {
				return nil // no convolution, or one whose filters are single numbers
			}
			return i.writePage(fmt.Sprintf("filters-layer%d", t.Layer), filters(t))
		},
	})
}

// writePage writes a page as PNG.
func (i *inspection) writePage(name string, page figure.Box) error {
	var b bytes.Buffer
	if err := png.Encode(&b, figure.Page(page)); err != nil {
		return err
	}
	return i.write(name+".png", b.Bytes())
}

// writeChart writes a chart as PNG and as SVG.
func (i *inspection) writeChart(name string, c figure.Chart) error {
	var pixels, lines bytes.Buffer
	if err := figure.WritePNG(&pixels, c); err != nil {
		return err
	}
	if err := figure.WriteSVG(&lines, c); err != nil {
		return err
	}
	if err := i.write(name+".png", pixels.Bytes()); err != nil {
		return err
	}
	return i.write(name+".svg", lines.Bytes())
}

// write writes a file into the directory and names it.
func (i *inspection) write(name string, content []byte) error {
	path := filepath.Join(i.out, name)
	if err := os.WriteFile(path, content, 0o666); err != nil {
		return err
	}
	return i.print("%s\n", path)
}

// shown reports whether a layer is to be drawn.
func (i *inspection) shown(layer int) bool {
	return i.layers == nil || slices.Contains(i.layers, layer)
}
