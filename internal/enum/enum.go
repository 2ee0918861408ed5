// Package enum names constants that are counted from 0.
package enum

import "fmt"

// Name returns the name of a constant: names[value], or, if it has none, its type
// and value, such as "Meaning(7)".
func Name(kind string, value int, names []string) string {
	if value < 0 || value >= len(names) {
		return fmt.Sprintf("%s(%d)", kind, value)
	}
	return names[value]
}
