package model

import (
	"bytes"
	"fmt"
)

// scanner goes through JSON that is known to be valid.
type scanner struct {
	text []byte
	at   int
}

// peek returns the first byte of the next value or key, or the delimiter that ends
// a list or an object.
func (s *scanner) peek() byte {
	for bytes.IndexByte([]byte(" \t\r\n,:"), s.text[s.at]) >= 0 {
		s.at++
	}
	return s.text[s.at]
}

// enter goes behind the delimiter that begins a list or an object.
func (s *scanner) enter() {
	s.peek()
	s.at++
}

// more reports whether the list or object goes on, and goes behind its end
// otherwise.
func (s *scanner) more() bool {
	if c := s.peek(); c != ']' && c != '}' {
		return true
	}
	s.at++
	return false
}

// skip goes behind the next value or key, and returns it.
func (s *scanner) skip() []byte {
	switch s.peek() {
	case '"':
		return s.skipString()
	case '[', '{':
		return s.skipNested()
	}
	begin := s.at
	for s.at < len(s.text) && bytes.IndexByte([]byte(" \t\r\n,:]}"), s.text[s.at]) < 0 {
		s.at++
	}
	return s.text[begin:s.at]
}

func (s *scanner) skipString() []byte {
	begin := s.at
	for s.at++; s.text[s.at] != '"'; s.at++ {
		if s.text[s.at] == '\\' {
			s.at++
		}
	}
	s.at++
	return s.text[begin:s.at]
}

// skipNested goes behind a list or an object.
func (s *scanner) skipNested() []byte {
	begin := s.at
	for depth := 0; ; {
		switch s.text[s.at] {
		case '"':
			s.skipString()
			continue
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		}
		if s.at++; depth == 0 {
			return s.text[begin:s.at]
		}
	}
}

// count returns the number of elements of the list, or of fields of the object,
// that is next and begins with a delimiter. It stays where it is.
func (s *scanner) count(begin byte) (n int, err error) {
	if s.peek() != begin {
		return 0, fmt.Errorf("want JSON that begins with %c, have %.20q", begin, s.text[s.at:])
	}
	ahead := *s
	for ahead.enter(); ahead.more(); n++ {
		ahead.skip()
		if begin == '{' {
			ahead.skip()
		}
	}
	return n, nil
}
