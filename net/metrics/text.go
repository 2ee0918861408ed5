package metrics

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/simdlanes/lanes/internal/texttable"
)

// String returns the matrix as a table: a line for each label, a column for each
// predicted class.
func (c *Confusion) String() string {
	t := [][]string{{"label \\ predicted"}}
	for class := range c.classes {
		t[0] = append(t[0], c.name(class))
	}
	for label := range c.classes {
		line := []string{c.name(label)}
		for _, n := range c.row(label) {
			line = append(line, strconv.Itoa(n))
		}
		t = append(t, line)
	}
	return texttable.Format(t, 1)
}

// Report returns a table of the scores of each class, the accuracy and the
// averages.
func (c *Confusion) Report() string {
	t := [][]string{{"", "precision", "recall", "F1", "support"}}
	for class := range c.classes {
		t = append(t, reportLine(c.name(class), c.Class(class)))
	}
	accuracy := reportLine("accuracy", c.Micro())
	accuracy[1], accuracy[2] = "", ""
	t = append(t, accuracy, reportLine("macro average", c.Macro()), reportLine("weighted average", c.Weighted()))
	return texttable.Format(t, 1)
}

func reportLine(name string, s Scores) []string {
	return []string{
		name,
		fmt.Sprintf("%.4f", s.Precision), fmt.Sprintf("%.4f", s.Recall), fmt.Sprintf("%.4f", s.F1),
		strconv.Itoa(s.Support),
	}
}

// name is that of a class, in one line.
func (c *Confusion) name(class int) string {
	if class >= len(c.Names) || c.Names[class] == "" {
		return strconv.Itoa(class)
	}
	return strings.Join(strings.Fields(c.Names[class]), " ")
}
