package model

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/simdlanes/lanes/internal/testkit"
	"github.com/simdlanes/lanes/net"
)

// list returns about size bytes of a JSON list of an element again and again.
func list(element string, size int) string {
	n := size / (len(element) + 1)
	return "[" + strings.Repeat(element+",", n) + element + "]"
}

// hostile are files with a right checksum whose text, of about size bytes, takes
// much memory.
func hostile(t *testing.T, size int) map[string][]byte {
	file := save(t, checkpoint(t, 1))
	model := func(old, text string) []byte { return edit(t, file, sectionModel, old, text) }
	state := func(old, text string) []byte { return edit(t, file, sectionTraining, old, text) }
	const epochs = `[{"Epoch":1,"Loss":2.5}]`
	var notes strings.Builder
	for i := range size / 10 {
		fmt.Fprintf(&notes, `"%x":"",`, i)
	}
	return map[string][]byte{
		"epochs":        state(epochs, list("{}", size)),
		"nil epochs":    state(epochs, list("null", size)),
		"numbered":      state(epochs, list(`{"Epoch":1}`, size)),
		"callbacks":     state(`[3,-1,0]`, list("0", size)),
		"clock":         state(`"Clock":[`, `"Clock":`+list("0", size)+`,"Claque":[`),
		"moments":       state(`"Name":"adam"`, `"Name":"adam","Moments":`+list("[]", size)),
		"small moments": state(`"Name":"adam"`, `"Name":"adam","Moments":`+list("[0]", size)),
		"layers":        model(`"Layers":[`, `"Layers":`+list("{}", size)+`,"Liars":[`),
		"full layers":   model(`"Layers":[`, `"Layers":`+list(`{"Kind":"a","Options":{}}`, size)+`,"Liars":[`),
		"labels":        model(`[7,-3,200]`, list("0", size)),
		"names":         model(`"Names":[`, `"Names":`+list(`""`, size)+`,"Nimes":[`),
		"escaped names": model(`"Names":[`, `"Names":`+list(`"\n"`, size)+`,"Nimes":[`),
		"notes":         model(`"Notes":{`, `"Notes":{`+notes.String()),
	}
}

// TestHostileText has Load read text that takes many times its length, all of
// which counts here, what the collector would have taken in the meantime included.
func TestHostileText(t *testing.T) {
	const size = 256 << 10
	for name, file := range hostile(t, size) {
		t.Run(name, func(t *testing.T) {
			var err error
			n := testkit.Allocated(func() { _, err = Load(bytes.NewReader(file)) })
			if err == nil && name != "notes" {
				t.Error("want an error")
			}
			if n > 60*uint64(len(file)) {
				t.Errorf("a file of %d bytes made Load allocate %d, error %v", len(file), n, err)
			}
			const limit = 3 * size / 2
			n = testkit.Allocated(func() { _, err = Load(bytes.NewReader(file), MaxSize(limit)) })
			if err == nil || n > 8*limit {
				t.Errorf("with a MaxSize of %d, Load allocated %d, error %v", limit, n, err)
			}
		})
	}
}

// TestTextCountsInMemory has text within MaxSize that takes more once it is
// decoded: it is refused when it is loaded, and when it is saved.
func TestTextCountsInMemory(t *testing.T) {
	m := checkpoint(t, 1)
	const epochs = 20_000
	m.Training.Fit.History.Losses = make([]float64, epochs)
	m.Training.Fit.History.Epochs = make([]net.EpochResult, epochs)
	file := save(t, m)
	same(t, mustLoad(t, file), m)
	limit := MaxSize(epochs * 56)
	if len(file) > int(limit) {
		t.Fatalf("the file has %d bytes", len(file))
	}
	if _, err := Load(bytes.NewReader(file), limit); !errors.Is(err, ErrTooLarge) || errors.Is(err, ErrFormat) {
		t.Errorf("load: want ErrTooLarge, have %v", err)
	}
	if err := m.Save(new(bytes.Buffer), limit); !errors.Is(err, ErrTooLarge) {
		t.Errorf("save: want ErrTooLarge, have %v", err)
	}
	if err := m.Save(new(bytes.Buffer), limit+8<<10); err != nil {
		t.Errorf("a little more: %v", err)
	}
}

// TestEpochsWithoutSteps has a history of more epochs than losses.
func TestEpochsWithoutSteps(t *testing.T) {
	m := checkpoint(t, 1)
	m.Training.Fit.History.Epochs = make([]net.EpochResult, 4)
	if err := m.Save(new(bytes.Buffer)); err == nil || !strings.Contains(err.Error(), "4 epochs") {
		t.Errorf("save: error %v", err)
	}
	file := edit(t, save(t, checkpoint(t, 1)), sectionTraining, `{"Epoch":1,"Loss":2.5}`, `{},{},{},{}`)
	if _, err := Load(bytes.NewReader(file)); !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), "4 epochs") {
		t.Errorf("load: error %v", err)
	}
}

// TestMessagesAreShort has a lot of text in places that errors name.
func TestMessagesAreShort(t *testing.T) {
	file := save(t, checkpoint(t, 1))
	long := strings.Repeat("1", 100<<10)
	for _, edited := range [][]byte{
		edit(t, file, sectionModel, `"Units":3`, `"Units":`+long),
		edit(t, file, sectionModel, `"Units":3`, `"`+long+`":3`),
		edit(t, file, sectionModel, `"Kind":"dense"`, `"Kind":"`+long+`"`),
		edit(t, file, sectionModel, `"Meaning":"logits"`, `"Meaning":"`+long+`"`),
		edit(t, file, sectionTraining, `3.5`, `"`+long+`"`),
	} {
		if _, err := Load(bytes.NewReader(edited)); err == nil || len(err.Error()) > 1000 {
			t.Errorf("want a short error, have %d bytes", len(fmt.Sprint(err)))
		}
	}
}
