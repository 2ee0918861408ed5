// Package schedule has learning rates that change in the course of a training,
// as values whose method Rate is what net.FitConfig.Rate takes:
//
//	trainer.Fit(ctx, data, net.FitConfig{
//		Epochs: 20,
//		Rate:   schedule.WarmUp{Steps: 200, Then: schedule.Cosine{From: 0.002}}.Rate,
//	})
//
// Rate(step, steps) is the rate of a step, counted from 0, of a training of that
// many steps; steps is 0 where their number is not known, as in a training on a
// stream. What each schedule makes of that is said beside it.
//
// A schedule with a field that makes no sense has a rate of NaN, which a training
// refuses at its first step. Check says in advance which field it is and why. Its
// errors wrap layer.ErrOption.
//
// Rates have the same bits on every machine. Schedules may be used by many
// goroutines at once.
//
// A rate that falls when a training makes no more progress is a callback:
// net.ReduceOnPlateau.
package schedule
