// Package figure draws what a network has learnt: numbers as images under colour
// maps, laid out with text to a page; curves and a confusion matrix; and, for
// terminals, digits and curves of block characters.
//
// It knows nothing of networks. Equal input gives equal pixels.
package figure
