package data_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/simdlanes/lanes/data"
	"github.com/simdlanes/lanes/internal/testkit"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/mnist"
)

func TestReadCSV(t *testing.T) {
	want := []float32{1, 2.5, -3, 4e-3}
	for name, c := range map[string]struct {
		text string
		c    data.CSV
	}{
		"first column":       {"l,a,b\n7,1,2.5\n-8,-3,4e-3\n", data.CSV{}},
		"by name":            {"a,l,b\n1,7,2.5\n-3,-8,.004\n", data.CSV{Label: "l"}},
		"by number":          {"a,l,b\n1,7,2.5\n-3,-8,.004\n", data.CSV{Column: 1}},
		"last":               {"a,b,l\n1,2.5,7\n-3,.004,-8\n", data.CSV{Column: -1}},
		"first from behind":  {"l,a,b\n7,1,2.5\n-8,-3,4e-3\n", data.CSV{Column: -3}},
		"no header":          {"7,1,2.5\n-8,-3,4e-3\n", data.CSV{NoHeader: true}},
		"semicolons":         {"l;a;b\n7;1;2.5\n-8;-3;4e-3\n", data.CSV{Comma: ';'}},
		"tabs":               {"7\t1\t2.5\n-8\t-3\t4e-3\n", data.CSV{NoHeader: true, Comma: '\t'}},
		"quotes":             {"\"l\",\"a,\n\",b\n\"7\",\"1\",2.5\n-8,-3,4e-3\n", data.CSV{Label: "l"}},
		"spaces":             {"l, a, b\n 7, 1,\t2.5 \n-8 , -3 , 4e-3\n", data.CSV{}},
		"lines of Windows":   {"l,a,b\r\n7,1,2.5\r\n-8,-3,4e-3\r\n", data.CSV{}},
		"no end of line":     {"l,a,b\n7,1,2.5\n-8,-3,4e-3", data.CSV{}},
		"empty lines":        {"\nl,a,b\n\n7,1,2.5\n\n\n-8,-3,4e-3\n\n", data.CSV{}},
		"byte order mark":    {"\uFEFFl,a,b\n7,1,2.5\n-8,-3,4e-3\n", data.CSV{Label: "l"}},
		"mark and no header": {"\uFEFF7,1,2.5\n-8,-3,4e-3\n", data.CSV{NoHeader: true}},
		"divided":            {"l,a,b\n7,4,10\n-8,-12,0.016\n", data.CSV{Divisor: 4}},
	} {
		for kind, r := range map[string]io.Reader{"": strings.NewReader(c.text), " byte by byte": iotest.OneByteReader(strings.NewReader(c.text))} {
			e, err := data.ReadCSV(r, c.c)
			if err != nil {
				t.Errorf("%s%s: %v", name, kind, err)
				continue
			}
			if !slices.Equal(e.Images, want) || !slices.Equal(e.Labels, []int{7, -8}) {
				t.Errorf("%s%s: have %v with labels %v", name, kind, e.Images, e.Labels)
			}
		}
	}
}

// TestCSVPixels wants of bytes in a table the bits that package mnist makes of
// them.
func TestCSVPixels(t *testing.T) {
	set := &mnist.Set{Rows: 16, Cols: 16, Pixels: make([]uint8, 256), Labels: []uint8{9}}
	text := "9"
	for i := range set.Pixels {
		set.Pixels[i] = uint8(i)
		text += fmt.Sprint(",", i)
	}
	e, err := data.ReadCSV(strings.NewReader(text), data.CSV{NoHeader: true, Divisor: 255})
	if err != nil || !slices.Equal(e.Images, set.Examples(mnist.Unit).Floats()) {
		t.Errorf("have %v, error %v", e.Images, err)
	}
}

// badTables are tables with an error in them, what the error wraps and says, and
// how many examples precede it.
var badTables = map[string]struct {
	text   string
	c      data.CSV
	want   error
	says   string
	before int
}{
	"empty":                {"", data.CSV{}, data.ErrFormat, "empty table", 0},
	"empty, no header":     {"", data.CSV{NoHeader: true}, data.ErrFormat, "have none", 0},
	"empty lines":          {"\n\n\n", data.CSV{}, data.ErrFormat, "empty table", 0},
	"header alone":         {"a,b\n", data.CSV{}, data.ErrFormat, "have none", 0},
	"one column":           {"a\n1\n", data.CSV{}, data.ErrFormat, "have one field", 0},
	"another comma":        {"a;b\n1;2\n", data.CSV{}, data.ErrFormat, `is ',' between fields`, 0},
	"no such name":         {"a,b\n1,2\n", data.CSV{Label: "c"}, data.ErrFormat, `no column "c" among its 2`, 0},
	"name twice":           {"a,b,a\n1,2,3\n", data.CSV{Label: "a"}, data.ErrFormat, `several columns "a"`, 0},
	"no such column":       {"a,b\n1,2\n", data.CSV{Column: 2}, data.ErrFormat, "line 1: want the label in column 2, have 2 fields", 0},
	"none from behind":     {"1,2\n", data.CSV{NoHeader: true, Column: -3}, data.ErrFormat, "column -3", 0},
	"short record":         {"a,b,c\n1,2,3\n4,5\n", data.CSV{}, data.ErrFormat, "line 3: want 3 fields, as the first record has, have 2", 1},
	"long record":          {"1,2\n\n4,5,6\n", data.CSV{NoHeader: true}, data.ErrFormat, "line 3: want 2 fields, as the first record has, have 3", 1},
	"no number":            {"a,b,c\n1,2,3\n4,5,x\n", data.CSV{}, data.ErrFormat, `line 3, column 5 (field 2, "c"): want a finite number, have "x"`, 1},
	"no number, no header": {"1,2,3\n4,,6\n", data.CSV{NoHeader: true}, data.ErrFormat, `line 2, column 3 (field 1): want a finite number, have ""`, 1},
	"NaN":                  {"1,2\n1,NaN\n", data.CSV{NoHeader: true}, data.ErrFormat, "finite", 1},
	"infinite":             {"1,2\n1,-inf\n", data.CSV{NoHeader: true}, data.ErrFormat, "finite", 1},
	"beyond float32":       {"1,2\n1,1e39\n", data.CSV{NoHeader: true}, data.ErrFormat, "finite", 1},
	"beyond when divided":  {"1,2\n1,1e38\n", data.CSV{NoHeader: true, Divisor: 0.1}, data.ErrFormat, "finite", 1},
	"label no number":      {"l,a\nseven,1\n", data.CSV{}, data.ErrFormat, `line 2, column 1 (field 0, "l"): want a whole number as label, have "seven"`, 0},
	"label a fraction":     {"l,a\n7.0,1\n", data.CSV{}, data.ErrFormat, "whole number", 0},
	"label too large":      {"l,a\n99999999999999999999,1\n", data.CSV{}, data.ErrFormat, "whole number", 0},
	"quote open":           {"l,a\n7,\"1\n8,2\n", data.CSV{}, csv.ErrQuote, "line 3", 0},
	"bare quote":           {"l,a\n7,1\"2\n", data.CSV{}, csv.ErrBareQuote, "line 2", 0},
	"header as example":    {"l,a\n7,1\n", data.CSV{NoHeader: true}, data.ErrFormat, "line 1, column 1", 0},
	"label and no header":  {"l,a\n7,1\n", data.CSV{NoHeader: true, Label: "l"}, layer.ErrOption, "NoHeader", 0},
	"label and column":     {"l,a\n7,1\n", data.CSV{Label: "l", Column: 1}, layer.ErrOption, "both", 0},
	"comma a quote":        {"l,a\n7,1\n", data.CSV{Comma: '"'}, layer.ErrOption, "Comma", 0},
	"comma ends lines":     {"l,a\n7,1\n", data.CSV{Comma: '\n'}, layer.ErrOption, "Comma", 0},
	"comma not ASCII":      {"l,a\n7,1\n", data.CSV{Comma: '…'}, layer.ErrOption, "Comma", 0},
	"comma negative":       {"l,a\n7,1\n", data.CSV{Comma: -1}, layer.ErrOption, "Comma", 0},
	"divisor infinite":     {"l,a\n7,1\n", data.CSV{Divisor: inf}, layer.ErrOption, "Divisor", 0},
	"divisor NaN":          {"l,a\n7,1\n", data.CSV{Divisor: inf - inf}, layer.ErrOption, "Divisor", 0},
}

func TestReadCSVErrors(t *testing.T) {
	for name, c := range badTables {
		e, err := data.ReadCSV(strings.NewReader(c.text), c.c)
		if !errors.Is(err, c.want) || !strings.Contains(fmt.Sprint(err), c.says) {
			t.Errorf("%s: have error %v, want %v that says %q", name, err, c.want, c.says)
		}
		if errors.As(err, new(*csv.ParseError)) && !errors.Is(err, data.ErrFormat) {
			t.Errorf("%s: %v is no ErrFormat", name, err)
		}
		if e.Images != nil || e.Labels != nil {
			t.Errorf("%s: have %v and %v with an error", name, e.Images, e.Labels)
		}
	}
}

// TestCSVReaderFails wants the error of a reader, wherever it comes.
func TestCSVReaderFails(t *testing.T) {
	const text = "l,a\n7,1\n8,2\n"
	broken := errors.New("broken")
	for n := range len(text) {
		r := io.MultiReader(strings.NewReader(text[:n]), iotest.ErrReader(broken))
		if _, err := data.ReadCSV(r, data.CSV{}); !errors.Is(err, broken) {
			t.Errorf("after %d bytes: have %v", n, err)
		}
	}
}

// endlessReader repeats a text without end.
type endlessReader struct {
	text string
	at   int
	read int
}

func (r *endlessReader) Read(p []byte) (n int, err error) {
	for n < len(p) {
		k := copy(p[n:], r.text[r.at:])
		n += k
		r.at = (r.at + k) % len(r.text)
	}
	r.read += n
	return n, nil
}

// TestCSVLimits reads records without end.
func TestCSVLimits(t *testing.T) {
	if testkit.Race {
		t.Skip("long, and nothing runs beside it")
	}
	for name, text := range map[string]string{
		"digits": "1", "fields": "1,", "empty lines": "\n", "quoted lines": "\"\"\n,",
	} {
		start := "l,a\n"
		if name == "quoted lines" {
			start += "7,\""
		}
		rest := &endlessReader{text: strings.Repeat(text, 4096)}
		size := testkit.Allocated(func() {
			_, err := data.ReadCSV(io.MultiReader(strings.NewReader(start), rest), data.CSV{})
			if !errors.Is(err, data.ErrTooLarge) {
				t.Errorf("%s: have error %v, want ErrTooLarge", name, err)
			}
		})
		if rest.read > data.MaxRecordBytes+1<<20 || size > 256<<20 {
			t.Errorf("%s: read %d bytes and allocated %d", name, rest.read, size)
		}
	}
	wide := strings.Repeat("1,", data.MaxColumns) + "1\n"
	if _, err := data.ReadCSV(strings.NewReader(wide), data.CSV{NoHeader: true}); !errors.Is(err, data.ErrTooLarge) {
		t.Errorf("a column too many: have %v, want ErrTooLarge", err)
	}
}

// FuzzCSV wants of every table what encoding/csv and strconv say, in memory and as
// a stream, or an error, and memory in proportion.
func FuzzCSV(f *testing.F) {
	for _, c := range badTables {
		f.Add(c.text, c.c.Label, c.c.Column, c.c.NoHeader, string(c.c.Comma))
	}
	f.Add("l,a,b\n7,1,2.5\n-8,-3,4e-3\n", "l", 0, false, "")
	f.Add("1;2;3\n4;5;6\n", "", -1, true, ";")
	f.Fuzz(func(t *testing.T, text, label string, column int, noHeader bool, comma string) {
		c := data.CSV{Label: label, Column: column, NoHeader: noHeader, Divisor: 2}
		for _, r := range comma {
			c.Comma = r
			break
		}
		size := testkit.Allocated(func() {
			e, err := data.ReadCSV(strings.NewReader(text), c)
			streamed, streamErr := data.Collect(data.StreamCSV(strings.NewReader(text), c))
			if (err == nil) != (streamErr == nil) || !slices.Equal(e.Images, streamed.Images) || !slices.Equal(e.Labels, streamed.Labels) {
				t.Errorf("have %v, %v; as a stream %v, %v", e, err, streamed, streamErr)
			}
			if err == nil {
				checkTable(t, text, c, e.Images, e.Labels)
			}
		})
		if size > 4<<20+2000*uint64(len(text)) {
			t.Errorf("a table of %d bytes took %d", len(text), size)
		}
	})
}

// checkTable compares what was read with the records of the table.
func checkTable(t *testing.T, text string, c data.CSV, values []float32, labels []int) {
	t.Helper()
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\uFEFF")))
	if c.Comma != 0 {
		r.Comma = c.Comma
	}
	records, err := r.ReadAll()
	if err != nil {
		t.Fatalf("read a table of which encoding/csv says %v", err)
	}
	at := c.Column
	if !c.NoHeader {
		if c.Label != "" {
			at = slices.Index(records[0], c.Label)
		}
		records = records[1:]
	}
	if len(records) != len(labels) || len(values) != len(records)*(len(records[0])-1) {
		t.Fatalf("have %d labels and %d values of %d records", len(labels), len(values), len(records))
	}
	for i, record := range records {
		at := (at + len(record)) % len(record)
		label, err := strconv.Atoi(strings.TrimSpace(record[at]))
		if err != nil || label != labels[i] {
			t.Fatalf("record %d: have label %d of %q", i, labels[i], record[at])
		}
		for _, field := range slices.Delete(record, at, at+1) {
			v, err := strconv.ParseFloat(strings.TrimSpace(field), 32)
			if err != nil || float32(v)/c.Divisor != values[0] {
				t.Fatalf("record %d: have value %v of %q", i, values[0], field)
			}
			values = values[1:]
		}
	}
}
