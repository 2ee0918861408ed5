// Package layertest helps those who write a layer of their own to test it:
// [Check] whether it keeps the contract of package layer, [GradCheck] whether its
// gradients are those of what it computes.
//
//	func TestScale(t *testing.T) {
//		in := layer.Image(3, 4, 5)
//		if err := layertest.Check(Scale{}, in); err != nil {
//			t.Error(err)
//		}
//		if err := layertest.GradCheck(Scale{}, in); err != nil {
//			t.Error(err)
//		}
//	}
//
// Run such tests with -race too: the layer is used by several goroutines.
package layertest
