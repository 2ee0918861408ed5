package net

// trace makes the engine show its steps to t. Every block then has a frame of its
// own, in which its tensors stay until all blocks have come to their end.
func (e *engine) trace(t Trace) {
	if t.Show == nil {
		return
	}
	e.tracer = &tracer{Trace: t, net: e.net}
	e.ws.perBlock = true
	e.ws.frames = nil
}

// beginTrace decides whether the step that begins is shown.
func (e *engine) beginTrace() {
	if e.tracer == nil {
		return
	}
	e.tracer.step = e.steps + 1
	e.showing = e.tracer.Steps == nil || e.tracer.Steps(e.tracer.step)
}

// showStep shows the step, of which all is done but the update, on worker 0, as
// an item that may fail.
func (e *engine) showStep(item int) {
	defer e.failure.catch(item)
	t := e.tracer
	t.frames, t.n = e.ws.frames, e.batch.n
	err := t.forward()
	if err == nil {
		err = t.loss(e.batch.labels, e.ws.losses[:t.n])
	}
	if err == nil {
		err = t.backward(e.first, e.grads)
	}
	if err != nil {
		e.failure.set(item, err)
	}
}

// keep copies a gradient with respect to tensor i as it arrived: Backward of the
// layer that has made the tensor changes it.
func (f *frame) keep(i int, grad []float32) {
	if f.arrived == nil {
		f.arrived = make([][]float32, len(f.act))
	}
	f.arrived[i] = append(f.arrived[i][:0], grad...)
}
