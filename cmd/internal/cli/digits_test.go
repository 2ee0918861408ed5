package cli

import (
	"context"
	"testing"
)

func TestDigitsLoad(t *testing.T) {
	d := Digits{Set: TestDigits}
	train, test, err := d.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if train.Len() != 8000 || test.Len() != 2000 {
		t.Errorf("have %d digits to train and %d to test, want 8000 and 2000", train.Len(), test.Len())
	}
	if err := train.Read(make([]float32, 32*32), nil, []int{0}); err != nil {
		t.Errorf("want images of 32x32: %v", err)
	}
	if _, _, err := (Digits{Set: FullDigits, Data: t.TempDir()}).Load(context.Background()); err == nil {
		t.Error("an empty directory has digits")
	}
}
