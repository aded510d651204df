/* Encoders as GGUF: vectors and logits of llama.cpp beside bitloss's, of the same files and the same
 * tokens.
 *
 *     NODE_LLAMA_CPP=DIR/node_modules/node-llama-cpp BITLOSS=build/native/bitloss \
 *       node tests/peers/encoder_gguf.mjs FILE.gguf…
 *
 * Prints for each file the largest difference over some texts: of the vectors' numbers, both of
 * length 1, or of the classes' logits. llama.cpp approximates gelu by tanh, from a table of 16-bit
 * floats; where a model says gelu_new both do (--as DIR: bitloss reads that directory instead, such as
 * the one that the file was made of with hidden_act changed to gelu_new).
 *
 * Made with node-llama-cpp 3.22.1 (llama.cpp 0.5.0). */
import { execFileSync } from 'node:child_process';
import path from 'node:path';

const { getLlama } = await import(path.join(process.env.NODE_LLAMA_CPP, 'dist/index.js'));
const bitloss = process.env.BITLOSS;
const texts = [
  'Where is the station?',
  'A joy from start to end, café!',
  'short',
  'The quick brown fox jumps over it.',
];

const files = process.argv.slice(2);
const as = files.indexOf('--as') >= 0 ? files.splice(files.indexOf('--as'), 2)[1] : null;
const llama = await getLlama({ gpu: false, logLevel: 'error', build: 'never' });

const largest = (a, b) => Math.max(...a.map((x, i) => Math.abs(x - b[i])));

for (const file of files) {
  const model = await llama.loadModel({ modelPath: file });
  const labels = model.fileInfo.metadata.bert.classifier?.output_labels;
  const context = await model.createContext({
    contextSize: Math.min(model.trainContextSize, 128),
    threads: 1,
    _embeddings: true,
    _ranking: labels !== undefined,
  });
  const sequence = context.getSequence();
  let worst = 0;
  for (const text of texts) {
    const command = ['--model', as ?? file, '--json', '--text', text];
    const run = execFileSync(bitloss, [labels ? 'classify' : 'embed', ...command]);
    const ours = JSON.parse(run).texts[0];
    await sequence.eraseContextTokenRanges([{ start: 0, end: sequence.nextTokenIndex }]);
    for await (const _ of sequence.evaluate(ours.ids, { _noSampling: true })) break;
    const found = [...context._ctx.getEmbedding(ours.ids.length)];
    const length = labels ? 1 : Math.hypot(...found);
    const theirs = found.map((x) => x / length);
    worst = Math.max(worst, largest(ours.logits ?? ours.embedding, theirs));
  }
  console.log(`${path.basename(file)}: ${labels ? 'logits' : 'vectors'} ${worst.toExponential(1)}`);
  await context.dispose();
}
process.exit(0);
