package model

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"unicode/utf8"
)

// decode reads what encode returns into the value that target, a pointer, points
// to. Unlike encoding/json it wants the names of fields exactly, knows each of
// them, and wants each at most once.
//
// It counts what the values take in memory against room, before it allocates them:
// "{}," in a list can stand for a large struct.
func decode(text []byte, target any, room *int64) error {
	if !utf8.Valid(text) || !json.Valid(text) {
		return errors.New("text is not valid JSON in UTF-8")
	}
	d := decoder{scanner{text, 0}, room}
	return d.value(reflect.ValueOf(target).Elem(), 0)
}

// decoder sets values from valid JSON, in one pass.
type decoder struct {
	scanner
	room *int64 // bytes that may be allocated still
}

// take counts n elements of a size.
func (d *decoder) take(n int, size uintptr) error {
	if size > 0 && int64(n) > *d.room/int64(size) {
		return fmt.Errorf("%w: what its text describes would take more than MaxSize in memory", ErrTooLarge)
	}
	*d.room -= int64(n) * int64(size)
	return nil
}

// value sets v from the next value.
func (d *decoder) value(v reflect.Value, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("values lie more than %d deep in each other", maxDepth)
	}
	if d.peek() == 'n' {
		d.skip()
		v.SetZero()
		return nil
	}
	if v.Kind() == reflect.Pointer {
		if err := d.take(1, v.Type().Elem().Size()); err != nil {
			return err
		}
		v.Set(reflect.New(v.Type().Elem()))
		return d.value(v.Elem(), depth+1)
	}
	switch u := v.Addr().Interface().(type) {
	case json.Unmarshaler, encoding.TextUnmarshaler:
		text := d.skip()
		if err := d.take(len(text), 1); err != nil {
			return err
		}
		return json.Unmarshal(text, u)
	}
	switch v.Kind() {
	case reflect.Slice:
		return d.slice(v, depth)
	case reflect.Array:
		return d.array(v, depth)
	case reflect.Map:
		return d.mapping(v, depth)
	case reflect.Struct:
		return d.structure(v, depth)
	}
	return d.scalar(v)
}

// scalar sets v from the next value, which is to be no list and no object.
func (d *decoder) scalar(v reflect.Value) error {
	if !isScalar(v.Kind()) {
		return fmt.Errorf("a value of type %v cannot be read from a file", v.Type())
	}
	text := d.skip()
	if v.Kind() == reflect.String {
		s, err := d.unquote(text)
		v.SetString(s)
		return err
	}
	if err := setScalar(v, text); err != nil {
		return fmt.Errorf("want a value of type %v, have %.40s", v.Type(), text)
	}
	return nil
}

func isScalar(k reflect.Kind) bool {
	return k >= reflect.Bool && k <= reflect.Uint64 || k == reflect.Float32 || k == reflect.Float64 || k == reflect.String
}

// setScalar sets a number or a bool.
func setScalar(v reflect.Value, text []byte) error {
	switch v.Kind() {
	case reflect.Bool:
		if text[0] != 't' && text[0] != 'f' {
			return strconv.ErrSyntax
		}
		v.SetBool(text[0] == 't')
		return nil
	case reflect.Float32, reflect.Float64:
		switch string(text) {
		case `"NaN"`, `"+Inf"`, `"-Inf"`:
			text = text[1 : len(text)-1]
		}
		f, err := strconv.ParseFloat(string(text), v.Type().Bits())
		v.SetFloat(f)
		return err
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		u, err := strconv.ParseUint(string(text), 10, v.Type().Bits())
		v.SetUint(u)
		return err
	}
	i, err := strconv.ParseInt(string(text), 10, v.Type().Bits())
	v.SetInt(i)
	return err
}

// unquote returns what a JSON string says.
func (d *decoder) unquote(text []byte) (s string, err error) {
	if text[0] != '"' {
		return "", fmt.Errorf("want text, have %.40s", text)
	}
	if err := d.take(len(text), 1); err != nil {
		return "", err
	}
	if bytes.IndexByte(text, '\\') < 0 {
		return string(text[1 : len(text)-1]), nil
	}
	err = json.Unmarshal(text, &s)
	return s, err
}

func (d *decoder) slice(v reflect.Value, depth int) error {
	n, err := d.count('[')
	if err != nil {
		return err
	}
	if err := d.take(n, v.Type().Elem().Size()); err != nil {
		return err
	}
	v.Set(reflect.MakeSlice(v.Type(), n, n))
	return d.elements(v, depth)
}

func (d *decoder) array(v reflect.Value, depth int) error {
	n, err := d.count('[')
	if err != nil {
		return err
	}
	if n != v.Len() {
		return fmt.Errorf("want %d elements, have %d", v.Len(), n)
	}
	v.SetZero()
	return d.elements(v, depth)
}

// elements sets those of v from a list of as many.
func (d *decoder) elements(v reflect.Value, depth int) error {
	d.enter()
	for i := 0; d.more(); i++ {
		if err := d.value(v.Index(i), depth+1); err != nil {
			return err
		}
	}
	return nil
}

// mapOverhead is about what an entry of a map takes beyond its key and its value,
// in a map that is half full.
const mapOverhead = 64

func (d *decoder) mapping(v reflect.Value, depth int) error {
	t := v.Type()
	if t.Key() != reflect.TypeFor[string]() {
		return fmt.Errorf("a map with keys of type %v cannot be read from a file", t.Key())
	}
	n, err := d.count('{')
	if err != nil {
		return err
	}
	if err := d.take(n, mapOverhead+2*t.Elem().Size()); err != nil {
		return err
	}
	v.Set(reflect.MakeMapWithSize(t, n))
	return d.fields(func(key string) error {
		if v.MapIndex(reflect.ValueOf(key)).IsValid() {
			return errTwice
		}
		element := reflect.New(t.Elem()).Elem()
		if err := d.value(element, depth+1); err != nil {
			return err
		}
		v.SetMapIndex(reflect.ValueOf(key), element)
		return nil
	})
}

func (d *decoder) structure(v reflect.Value, depth int) error {
	if _, err := d.count('{'); err != nil {
		return err
	}
	v.SetZero()
	var seen []bool // fields
	return d.fields(func(key string) error {
		field, ok := v.Type().FieldByName(key)
		if !ok || !field.IsExported() || len(field.Index) != 1 {
			return fmt.Errorf("%v has no such field", v.Type())
		}
		if seen == nil {
			seen = make([]bool, v.NumField())
		}
		i := field.Index[0]
		if seen[i] {
			return errTwice
		}
		seen[i] = true
		return d.value(v.Field(i), depth+1)
	})
}

var errTwice = errors.New("it comes twice")

// fields calls each before every value of an object, which each is to read.
func (d *decoder) fields(each func(key string) error) error {
	d.enter()
	for d.more() {
		key, err := d.unquote(d.skip())
		if err != nil {
			return err
		}
		if err := each(key); err != nil {
			return fmt.Errorf("%.40q: %w", key, err)
		}
	}
	return nil
}
