//go:build race

package data_test

const raceEnabled = true // sync.Pool drops items then
