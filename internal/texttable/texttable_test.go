package texttable

import "testing"

func TestFormat(t *testing.T) {
	rows := [][]string{
		{"", "layer", "FLOPs"},
		{"0", "größer", "12"},
		{"", "input"},
		{"10", "", "3,456,789"},
	}
	for left, want := range map[int]string{
		1: `
     layer      FLOPs
0   größer         12
     input
10          3,456,789
`,
		2: `
    layer       FLOPs
0   größer         12
    input
10          3,456,789
`,
	} {
		if have := "\n" + Format(rows, left); have != want {
			t.Errorf("%d to the left: have%swant%s", left, have, want)
		}
	}
	if have := Format(nil, 1); have != "" {
		t.Errorf("no rows: have %q", have)
	}
}
