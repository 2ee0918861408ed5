package data

import (
	"fmt"
	"io"

	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

const (
	// MaxColumns is the largest number of fields of a CSV record.
	MaxColumns = 1 << 19

	// MaxRecordBytes is the size of the largest CSV record.
	MaxRecordBytes = 1 << 22

	// MaxValues is the largest number of float32 values that one call reads into
	// memory: 4 GiB.
	MaxValues = 1 << 30
)

// CSV says how a table in CSV format (RFC 4180, see encoding/csv) becomes
// examples: each record one, its label a whole number in one field, its values in
// all others, in their order. The zero value is a table with a header whose first
// column is the label.
type CSV struct {
	// Label is the name of the label's column in the header. By default it is
	// number Column, counted from 0 or, if it is negative, from behind: -1 is the
	// last.
	Label  string
	Column int

	NoHeader bool    // the first record is an example already
	Comma    rune    // between fields, an ASCII character; default ','
	Divisor  float32 // of all values, such as 255 for bytes of pixels; default 1
}

// ReadCSV reads a whole table into memory. It allocates as records arrive.
//
// The error names line and column, and wraps layer.ErrOption if c is not usable;
// [ErrFormat] if there is no record, no such label, or no value, or if a record has
// not as many fields as the first (the header, if there is one), a value is not a
// finite number or a label not a whole one; [ErrTooLarge] for more than
// [MaxColumns], [MaxRecordBytes] or [MaxValues]; or the error of r. Where
// encoding/csv finds the error, it wraps a csv.ParseError too.
func ReadCSV(r io.Reader, c CSV) (net.Examples, error) {
	examples, err := readCSV(r, c)
	if err != nil {
		return net.Examples{}, fmt.Errorf("data: csv: %w", err)
	}
	return examples, nil
}

func readCSV(r io.Reader, c CSV) (e net.Examples, err error) {
	t, err := newTable(r, c)
	if err != nil {
		return e, err
	}
	for {
		images, label, err := t.next(e.Images)
		if err == io.EOF {
			return e, nil
		}
		if err != nil {
			return e, err
		}
		if len(images) > MaxValues {
			return e, fmt.Errorf("%w: more than %d values", ErrTooLarge, MaxValues)
		}
		e.Images, e.Labels = images, append(e.Labels, label)
	}
}

func (c CSV) check() error {
	switch {
	case c.Label != "" && c.NoHeader:
		return fmt.Errorf("%w: want a Column where there is NoHeader, have Label %q", layer.ErrOption, c.Label)
	case c.Label != "" && c.Column != 0:
		return fmt.Errorf("%w: want Label or Column, have both, %q and %d", layer.ErrOption, c.Label, c.Column)
	case c.Comma <= 0 || c.Comma > 0x7f || c.Comma == '"' || c.Comma == '\r' || c.Comma == '\n':
		return fmt.Errorf("%w: want as Comma an ASCII character that is no quote and ends no line, have %q", layer.ErrOption, c.Comma)
	case c.Divisor == 0 || !isFinite(c.Divisor):
		return fmt.Errorf("%w: want a finite Divisor, have %v", layer.ErrOption, c.Divisor)
	}
	return nil
}

func (c CSV) withDefaults() CSV {
	if c.Comma == 0 {
		c.Comma = ','
	}
	if c.Divisor == 0 {
		c.Divisor = 1
	}
	return c
}
