package data

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// readAhead is the size of the buffer between a reader and the records.
const readAhead = 64 << 10

// table reads examples record by record.
type table struct {
	CSV
	meter   *meter
	records *csv.Reader
	header  []string // nil: none
	fields  int      // of each record, 0 before the first
	label   int      // the label's field
	count   int      // examples that have been read
}

// newTable reads the header.
func newTable(r io.Reader, c CSV) (*table, error) {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return nil, err
	}
	t := &table{CSV: c, meter: &meter{r: r, comma: []byte{byte(c.Comma)}}}
	buffer := bufio.NewReaderSize(t.meter, readAhead)
	t.meter.reset()
	const byteOrderMark = "\uFEFF"
	start, err := buffer.Peek(len(byteOrderMark))
	if err != nil && err != io.EOF {
		return nil, err
	}
	if string(start) == byteOrderMark {
		buffer.Discard(len(byteOrderMark))
	}
	t.records = csv.NewReader(buffer)
	t.records.Comma = c.Comma
	t.records.FieldsPerRecord = -1 // next says more about it
	t.records.ReuseRecord = true
	if c.NoHeader {
		return t, nil
	}
	return t, t.readHeader()
}

func (t *table) readHeader() error {
	header, err := t.record()
	if err == io.EOF {
		return fmt.Errorf("%w: want a header and records, have an empty table", ErrFormat)
	}
	if err != nil {
		return err
	}
	t.header = slices.Clone(header)
	if t.Label == "" {
		return nil
	}
	t.label = slices.Index(header, t.Label)
	if t.label < 0 {
		return fmt.Errorf("%w: the header has no column %.40q among its %d", ErrFormat, t.Label, len(header))
	}
	if slices.Contains(header[t.label+1:], t.Label) {
		return fmt.Errorf("%w: the header has several columns %.40q", ErrFormat, t.Label)
	}
	return nil
}

// record reads a record, valid until the next, and checks its number of fields.
func (t *table) record() ([]string, error) {
	t.meter.reset()
	record, err := t.records.Read()
	if errors.As(err, new(*csv.ParseError)) {
		err = fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if err != nil {
		return nil, err
	}
	line, _ := t.records.FieldPos(0)
	if t.fields == 0 {
		t.fields = len(record)
		return record, t.checkFields(line)
	}
	if len(record) != t.fields {
		return nil, fmt.Errorf("%w: line %d: want %d fields, as the first record has, have %d", ErrFormat, line, t.fields, len(record))
	}
	return record, nil
}

// checkFields checks the number of fields, and finds the label's.
func (t *table) checkFields(line int) error {
	switch {
	case t.fields > MaxColumns:
		return fmt.Errorf("%w: line %d: more than %d fields", ErrTooLarge, line, MaxColumns)
	case t.fields < 2:
		return fmt.Errorf("%w: line %d: want a label and at least one value, have one field; is %q between fields?", ErrFormat, line, t.Comma)
	case t.Column >= t.fields || t.Column < -t.fields:
		return fmt.Errorf("%w: line %d: want the label in column %d, have %d fields", ErrFormat, line, t.Column, t.fields)
	}
	t.label = t.Column
	if t.Column < 0 {
		t.label += t.fields
	}
	return nil
}

// next appends the values of the next record to dst, and returns them and the
// label. After the last one the error is io.EOF itself.
func (t *table) next(dst []float32) (values []float32, label int, err error) {
	record, err := t.record()
	if err == io.EOF && t.count == 0 {
		return nil, 0, fmt.Errorf("%w: want at least one record, have none", ErrFormat)
	}
	if err != nil {
		return nil, 0, err
	}
	values = slices.Grow(dst, len(record)-1)
	for i, field := range record {
		if i == t.label {
			label, err = strconv.Atoi(strings.TrimSpace(field))
			if err != nil {
				return nil, 0, fmt.Errorf("%w: %s: want a whole number as label, have %.40q", ErrFormat, t.where(i), field)
			}
			continue
		}
		v, ok := t.value(field)
		if !ok {
			return nil, 0, fmt.Errorf("%w: %s: want a finite number, have %.40q", ErrFormat, t.where(i), field)
		}
		values = append(values, v)
	}
	t.count++
	return values, label, nil
}

// value returns the number of a field, divided, if it is finite.
func (t *table) value(field string) (v float32, ok bool) {
	f, err := strconv.ParseFloat(strings.TrimSpace(field), 32)
	v = float32(f) / t.Divisor
	return v, err == nil && isFinite(v)
}

// where says where field i of the record is, and what the header calls it.
func (t *table) where(i int) string {
	line, column := t.records.FieldPos(i)
	if t.header == nil {
		return fmt.Sprintf("line %d, column %d (field %d)", line, column, i)
	}
	return fmt.Sprintf("line %d, column %d (field %d, %.40q)", line, column, i, t.header[i])
}

// meter bounds what the reader of a record takes from r.
type meter struct {
	r       io.Reader
	comma   []byte
	bytes   int // that may be read yet
	columns int // that may begin
}

// reset allows for another record, and what is read ahead.
func (m *meter) reset() { m.bytes, m.columns = MaxRecordBytes+readAhead, MaxColumns+readAhead }

// Read implements io.Reader.
func (m *meter) Read(p []byte) (int, error) {
	if m.bytes <= 0 || m.columns <= 0 {
		return 0, fmt.Errorf("%w: a record of more than %d bytes or %d fields", ErrTooLarge, MaxRecordBytes, MaxColumns)
	}
	n, err := m.r.Read(p)
	m.bytes -= n
	m.columns -= bytes.Count(p[:n], m.comma)
	return n, err
}
