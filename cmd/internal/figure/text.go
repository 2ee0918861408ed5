package figure

import (
	"fmt"
	"image"
	"image/color"
	"strings"
	"sync"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// Sizes of text, in pixels.
const (
	titleSize   = 30
	labelSize   = 18
	captionSize = 18
)

// Text is lines of text.
type Text struct {
	s     string
	size  float64
	bold  bool
	color color.RGBA
}

// Title is the heading of a page.
func Title(s string) Text { return Text{s, titleSize, true, ink} }

// Label names a part of a page.
func Label(s string) Text { return Text{s, labelSize, false, ink} }

// Caption explains a page.
func Caption(s string) Text { return Text{s, captionSize, false, faint} }

// Size implements [Box].
func (t Text) Size() image.Point {
	f := face(t.size, t.bold)
	lines := strings.Split(t.s, "\n")
	width := 0
	for _, line := range lines {
		width = max(width, font.MeasureString(f, line).Ceil())
	}
	return image.Pt(width, len(lines)*lineHeight(f))
}

// Draw implements [Box].
func (t Text) Draw(page *image.RGBA, at image.Point) {
	f := face(t.size, t.bold)
	for i, line := range strings.Split(t.s, "\n") {
		d := font.Drawer{Dst: page, Src: image.NewUniform(t.color), Face: f}
		d.Dot = fixed.P(at.X, at.Y+i*lineHeight(f)+f.Metrics().Ascent.Ceil())
		d.DrawString(line)
	}
}

func lineHeight(f font.Face) int { return f.Metrics().Ascent.Ceil() + f.Metrics().Descent.Ceil() + 1 }

var fonts = sync.OnceValue(func() (fonts [2]*opentype.Font) {
	for i, data := range [][]byte{liberationsansregular.TTF, liberationsansbold.TTF} {
		f, err := opentype.Parse(data)
		if err != nil {
			panic(fmt.Sprintf("figure: the embedded font: %v", err))
		}
		fonts[i] = f
	}
	return fonts
})

// face returns a font in a size.
func face(size float64, bold bool) font.Face {
	f := fonts()[0]
	if bold {
		f = fonts()[1]
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		panic(fmt.Sprintf("figure: the embedded font: %v", err)) // the options are constants
	}
	return face
}
