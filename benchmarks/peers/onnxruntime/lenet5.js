// Measures predictions of LeNet-5 by onnxruntime.
//
// usage: node lenet5.js WORKERS SECONDS MODEL, with NODE_PATH naming the folder
// that has onnxruntime-node
'use strict';
const { readFileSync } = require('fs');
const onnxruntime = require('onnxruntime-node');

const [workers, seconds, model] = [Number(process.argv[2]), Number(process.argv[3]), process.argv[4]];

// times returns the times of single calls of f, in nanoseconds, in order.
async function times(f) {
  const all = [];
  const end = performance.now() + 1e3 * seconds;
  while (all.length < 1000 || performance.now() < end) {
    const start = process.hrtime.bigint();
    await f();
    all.push(Number(process.hrtime.bigint() - start));
  }
  return all.sort((a, b) => a - b);
}

async function main() {
  const session = await onnxruntime.InferenceSession.create(readFileSync(model), {
    intraOpNumThreads: workers,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
  });
  for (const batch of [1, 256]) {
    const pixels = Float32Array.from({ length: batch * 1024 }, () => Math.random());
    const images = new onnxruntime.Tensor('float32', pixels, [batch, 1, 32, 32]);
    const sorted = await times(() => session.run({ images }));
    const ns = batch === 1 ? sorted[sorted.length >> 1] : sorted[0];
    console.log(`BenchmarkPeers/op=predict/net=lenet5/batch=${batch}/impl=onnxruntime/workers=${workers} 1 ${ns} ns/op`);
  }
}

main();
