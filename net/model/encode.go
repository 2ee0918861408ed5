package model

import (
	"encoding"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/simdlanes/lanes/layer"
)

// maxDepth bounds how deep values lie in each other.
const maxDepth = 32

// encode returns v as JSON in one form: exported fields by their Go names, in
// their order, and without those that are zero, so that a field that is added
// later changes no file; the keys of maps sorted. It differs from encoding/json in
// that, and in writing NaN and infinities, as strings.
func encode(v any) ([]byte, error) {
	return appendValue(nil, reflect.ValueOf(v), 0)
}

func appendValue(b []byte, v reflect.Value, depth int) ([]byte, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("%w: values lie more than %d deep in each other", layer.ErrOption, maxDepth)
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
		if v.IsNil() {
			return append(b, "null"...), nil
		}
	}
	if !v.CanAddr() { // methods may belong to the pointer
		p := reflect.New(v.Type())
		p.Elem().Set(v)
		v = p.Elem()
	}
	switch m := v.Addr().Interface().(type) {
	case json.Marshaler, encoding.TextMarshaler:
		text, err := json.Marshal(m)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", layer.ErrOption, err)
		}
		return append(b, text...), nil
	}
	switch v.Kind() {
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(b, v.Int(), 10), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.AppendUint(b, v.Uint(), 10), nil
	case reflect.Float32, reflect.Float64:
		return appendFloat(b, v.Float(), v.Type().Bits()), nil
	case reflect.String:
		return appendString(b, v.String())
	case reflect.Pointer:
		return appendValue(b, v.Elem(), depth+1)
	case reflect.Slice, reflect.Array:
		return appendList(b, v, depth)
	case reflect.Map:
		return appendMap(b, v, depth)
	case reflect.Struct:
		return appendStruct(b, v, depth)
	}
	return nil, fmt.Errorf("%w: a value of type %v cannot be kept in a file", layer.ErrOption, v.Type())
}

func appendFloat(b []byte, f float64, bits int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return fmt.Appendf(b, "%q", strconv.FormatFloat(f, 'g', -1, bits))
	}
	return strconv.AppendFloat(b, f, 'g', -1, bits)
}

func appendString(b []byte, s string) ([]byte, error) {
	if !utf8.ValidString(s) {
		return nil, fmt.Errorf("%w: text %q is not valid UTF-8", layer.ErrOption, s)
	}
	text, err := json.Marshal(s)
	return append(b, text...), err
}

func appendList(b []byte, v reflect.Value, depth int) (_ []byte, err error) {
	b = append(b, '[')
	for i := range v.Len() {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendValue(b, v.Index(i), depth+1); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

func appendMap(b []byte, v reflect.Value, depth int) (_ []byte, err error) {
	if v.Type().Key() != reflect.TypeFor[string]() {
		return nil, fmt.Errorf("%w: a map with keys of type %v cannot be kept in a file", layer.ErrOption, v.Type().Key())
	}
	values := make(map[string]reflect.Value, v.Len())
	for i := v.MapRange(); i.Next(); {
		values[i.Key().String()] = i.Value()
	}
	b = append(b, '{')
	for i, key := range slices.Sorted(maps.Keys(values)) {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendString(b, key); err != nil {
			return nil, err
		}
		if b, err = appendValue(append(b, ':'), values[key], depth+1); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

func appendStruct(b []byte, v reflect.Value, depth int) (_ []byte, err error) {
	b = append(b, '{')
	first := true
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !field.IsExported() || isZero(v.Field(i)) {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = fmt.Appendf(b, "%q:", field.Name)
		if b, err = appendValue(b, v.Field(i), depth+1); err != nil {
			return nil, fmt.Errorf("field %s: %w", field.Name, err)
		}
	}
	return append(b, '}'), nil
}

// isZero is v.IsZero() but for -0, which is another value than 0.
func isZero(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Float32, reflect.Float64:
		return math.Float64bits(v.Float()) == 0
	case reflect.Array:
		for i := range v.Len() {
			if !isZero(v.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Struct:
		for i := range v.NumField() {
			if !isZero(v.Field(i)) {
				return false
			}
		}
		return true
	}
	return v.IsZero()
}
