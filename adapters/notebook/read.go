package notebook

import (
	"fmt"
	"io"

	"github.com/nlpodyssey/gopickle/types"
)

// Entry is what the file says of one layer. Both arrays are zero values if the
// layer has no parameters.
type Entry struct{ W, B Array }

// IsEmpty reports whether the layer has no parameters.
func (e Entry) IsEmpty() bool { return e.W.Data == nil && e.B.Data == nil }

// maxEntries is the most layers that a file may have.
const maxEntries = 1000

// Read returns the entries of a file in order, their values as they stand
// there: neither rounded to float32 nor with the biases multiplied. An error
// wraps ErrPickle or is the reader's.
func Read(r io.Reader) ([]Entry, error) {
	file, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("notebook: %w", err)
	}
	if len(file) > MaxSize {
		return nil, fmt.Errorf("notebook: %w: more than %d bytes", ErrPickle, MaxSize)
	}
	value, err := unpickle(file)
	if err != nil {
		return nil, fmt.Errorf("notebook: %w", err)
	}
	list, ok := sequence(value)
	if !ok || len(list) == 0 || len(list) > maxEntries {
		return nil, fmt.Errorf("notebook: %w: want a list of 1 to %d layers, have %s", ErrPickle, maxEntries, describe(value))
	}
	entries := make([]Entry, len(list))
	for i, v := range list {
		if entries[i], err = entry(v); err != nil {
			return nil, fmt.Errorf("notebook: entry %d: %w", i, err)
		}
	}
	return entries, nil
}

// sequence returns the elements of a list or tuple.
func sequence(v any) ([]any, bool) {
	switch v := v.(type) {
	case *types.List:
		return *v, true
	case *types.Tuple:
		return *v, true
	}
	return nil, false
}

// describe says what v is in a few words.
func describe(v any) string {
	if list, ok := sequence(v); ok {
		return fmt.Sprintf("%d elements", len(list))
	}
	switch v.(type) {
	case nil:
		return "None"
	case *array:
		return "an array"
	}
	return "something else"
}

// entry reads [W, B].
func entry(v any) (Entry, error) {
	pair, ok := sequence(v)
	if v == nil || ok && len(pair) == 0 {
		return Entry{}, nil
	}
	if len(pair) != 2 {
		return Entry{}, fmt.Errorf("%w: want [W, B], have %s", ErrPickle, describe(v))
	}
	w, err := parameter(pair[0])
	if err != nil {
		return Entry{}, fmt.Errorf("W: %w", err)
	}
	b, err := parameter(pair[1])
	if err != nil {
		return Entry{}, fmt.Errorf("B: %w", err)
	}
	if (w.Data == nil) != (b.Data == nil) {
		return Entry{}, fmt.Errorf("%w: want both W and B or neither, have %v and %v", ErrPickle, w, b)
	}
	return Entry{w, b}, nil
}

// parameter reads W or B.
func parameter(v any) (Array, error) {
	if list, ok := sequence(v); v == nil || ok && len(list) == 0 {
		return Array{}, nil
	}
	a, ok := v.(*array)
	if !ok {
		return Array{}, fmt.Errorf("%w: want an array, have %s", ErrPickle, describe(v))
	}
	values, err := a.values()
	if err != nil || len(values.Data) == 0 {
		return Array{}, err
	}
	return values, nil
}
