/* The tiny models of tests/golden, as a user would give them to the engine. */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../golden/', import.meta.url));

/** What transformers or mlx_lm said of the model; no part of it. */
const notOfTheModel = new Set(['expected.json', 'logits.f32']);

export const readGolden = (model, name) => fs.readFileSync(path.join(folder, model, name));

export const file = (name, content) => ({ name, blob: new Blob([content]) });

/** All files of a model; a folder in it is another's. */
export const filesOf = (model) =>
  fs
    .readdirSync(path.join(folder, model), { withFileTypes: true })
    .filter((entry) => entry.isFile() && !notOfTheModel.has(entry.name))
    .map(({ name }) => file(name, readGolden(model, name)));

/** The models that have a folder with weights and logits expected of them. */
export const models = fs
  .readdirSync(folder)
  .filter((name) => fs.existsSync(path.join(folder, name, 'logits.f32')))
  .filter((name) => filesOf(name).some((entry) => /\.(safetensors|gguf)$/.test(entry.name)))
  .sort();

/** { prompt, ids, greedy_ids, greedy_text, max_tokens, margin } */
export const expected = (model) => JSON.parse(readGolden(model, 'expected.json'));

/** (n_ids, vocab_size) */
export function expectedLogits(model) {
  const { buffer, byteOffset, length } = readGolden(model, 'logits.f32');
  return new Float32Array(buffer.slice(byteOffset, byteOffset + length));
}

/** Runs a generation to its end; returns its events. */
export async function eventsOf(generation) {
  const events = [];
  for await (const event of generation) events.push(event);
  return events;
}

/** A matcher for assert.rejects and assert.throws. */
export const bitlossError = (code, sentence) => (error) => {
  if (error.name !== 'BitlossError' || error.code !== code || !sentence.test(error.message)) {
    throw new Error(`expected ${code} ${sentence}, got ${error.code}: ${error.message}`, {
      cause: error,
    });
  }
  return true;
};
