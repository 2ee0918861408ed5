// Package cli is what the commands have in common: a progress bar, the digits
// to train on, and flags.
package cli
