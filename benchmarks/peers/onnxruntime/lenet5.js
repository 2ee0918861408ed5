// Measures predictions of LeNet-5 by onnxruntime. It calls the library's
// binding itself: the package's own function goes through Node's event loop,
// which takes half as long again as the prediction of one image.
//
// usage: node lenet5.js WORKERS SECONDS MODEL < cases, with NODE_PATH naming the
// folder that has onnxruntime-node
'use strict';
const { readFileSync } = require('fs');
const { Tensor } = require('onnxruntime-node');
const { binding, initOrt } = require('onnxruntime-node/dist/binding');

const [workers, seconds, file] = [Number(process.argv[2]), Number(process.argv[3]), process.argv[4]];
const wanted = readFileSync(0, 'utf8').split('\n');

// times returns the times of single calls of f, in nanoseconds, in order.
function times(f) {
  const all = [];
  const end = performance.now() + 1e3 * seconds;
  while (all.length < 1000 || performance.now() < end) {
    const start = process.hrtime.bigint();
    f();
    all.push(Number(process.hrtime.bigint() - start));
  }
  return all.sort((a, b) => a - b);
}

initOrt();
const model = readFileSync(file);
const session = new binding.InferenceSession();
session.loadModel(model.buffer, model.byteOffset, model.byteLength, {
  intraOpNumThreads: workers,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
});
for (const batch of [1, 256]) {
  const key = `op=predict/net=lenet5/batch=${batch}`;
  if (!wanted.includes(key)) {
    continue;
  }
  const pixels = Float32Array.from({ length: batch * 1024 }, () => Math.random());
  const images = new Tensor('float32', pixels, [batch, 1, 32, 32]);
  const logits = new Tensor('float32', new Float32Array(batch * 10), [batch, 10]);
  const sorted = times(() => session.run({ images }, { logits }, {}));
  if (!logits.data.some((x) => x !== 0)) {
    throw new Error('the logits were not written');
  }
  const ns = batch === 1 ? sorted[sorted.length >> 1] : sorted[0];
  console.log(`BenchmarkPeers/${key}/impl=onnxruntime/workers=${workers} 1 ${ns} ns/op`);
}
