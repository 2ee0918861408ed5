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
func decode(text []byte, target any) error {
	if !utf8.Valid(text) || !json.Valid(text) {
		return errors.New("text is not valid JSON in UTF-8")
	}
	return setValue(reflect.ValueOf(target).Elem(), text, 0)
}

// setValue sets v from text, one valid JSON value.
func setValue(v reflect.Value, text json.RawMessage, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("values lie more than %d deep in each other", maxDepth)
	}
	if string(text) == "null" {
		v.SetZero()
		return nil
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		return setValue(v.Elem(), text, depth+1)
	}
	switch u := v.Addr().Interface().(type) {
	case json.Unmarshaler, encoding.TextUnmarshaler:
		return json.Unmarshal(text, u)
	}
	switch v.Kind() {
	case reflect.Bool, reflect.String,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return json.Unmarshal(text, v.Addr().Interface())
	case reflect.Float32, reflect.Float64:
		return setFloat(v, text)
	case reflect.Slice:
		return setSlice(v, text, depth)
	case reflect.Array:
		return setArray(v, text, depth)
	case reflect.Map:
		return setMap(v, text, depth)
	case reflect.Struct:
		return setStruct(v, text, depth)
	}
	return fmt.Errorf("a value of type %v cannot be read from a file", v.Type())
}

func setFloat(v reflect.Value, text []byte) error {
	if text[0] == '"' {
		var name string
		if err := json.Unmarshal(text, &name); err != nil {
			return err
		}
		switch name {
		case "NaN", "+Inf", "-Inf":
			text = []byte(name)
		default:
			return fmt.Errorf("want a number, have %q", name)
		}
	}
	f, err := strconv.ParseFloat(string(text), v.Type().Bits())
	if err != nil {
		return err
	}
	v.SetFloat(f)
	return nil
}

// list calls each for every element of a JSON array, whose text is each's only
// until it returns.
func list(text []byte, each func(element json.RawMessage) error) error {
	d, err := enter(text, '[')
	if err != nil {
		return err
	}
	for element := (json.RawMessage)(nil); d.More(); {
		if err := d.Decode(&element); err != nil {
			return err
		}
		if err := each(element); err != nil {
			return err
		}
	}
	return nil
}

// enter returns a decoder behind the opening delimiter of a list or an object.
func enter(text []byte, want json.Delim) (*json.Decoder, error) {
	if text[0] != byte(want) {
		return nil, fmt.Errorf("want JSON that begins with %v, have %.20q", want, text)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	_, err := d.Token()
	return d, err
}

func setSlice(v reflect.Value, text []byte, depth int) error {
	v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	return list(text, func(element json.RawMessage) error {
		v.Grow(1)
		v.SetLen(v.Len() + 1)
		return setValue(v.Index(v.Len()-1), element, depth+1)
	})
}

func setArray(v reflect.Value, text []byte, depth int) error {
	v.SetZero()
	n := 0
	err := list(text, func(element json.RawMessage) error {
		if n++; n > v.Len() {
			return fmt.Errorf("want %d elements, have more", v.Len())
		}
		return setValue(v.Index(n-1), element, depth+1)
	})
	if err == nil && n != v.Len() {
		return fmt.Errorf("want %d elements, have %d", v.Len(), n)
	}
	return err
}

// object calls each for every key and value of a JSON object, in their order. A
// key that comes twice is an error.
func object(text []byte, each func(key string, value json.RawMessage) error) error {
	d, err := enter(text, '{')
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for value := (json.RawMessage)(nil); d.More(); {
		token, err := d.Token()
		if err != nil {
			return err
		}
		key := token.(string)
		if seen[key] {
			return fmt.Errorf("%q comes twice", key)
		}
		seen[key] = true
		if err := d.Decode(&value); err != nil {
			return err
		}
		if err := each(key, value); err != nil {
			return fmt.Errorf("%q: %w", key, err)
		}
	}
	return nil
}

func setMap(v reflect.Value, text []byte, depth int) error {
	if v.Type().Key() != reflect.TypeFor[string]() {
		return fmt.Errorf("a map with keys of type %v cannot be read from a file", v.Type().Key())
	}
	v.Set(reflect.MakeMap(v.Type()))
	return object(text, func(key string, value json.RawMessage) error {
		element := reflect.New(v.Type().Elem()).Elem()
		if err := setValue(element, value, depth+1); err != nil {
			return err
		}
		v.SetMapIndex(reflect.ValueOf(key), element)
		return nil
	})
}

func setStruct(v reflect.Value, text []byte, depth int) error {
	v.SetZero()
	return object(text, func(key string, value json.RawMessage) error {
		field, ok := v.Type().FieldByName(key)
		if !ok || !field.IsExported() || len(field.Index) != 1 {
			return fmt.Errorf("%v has no such field", v.Type())
		}
		return setValue(v.FieldByIndex(field.Index), value, depth+1)
	})
}
