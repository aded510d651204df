// node examples/tinyworld/classifier/texts.mjs --out DIR [--lines N] [--seed S]
// Writes DIR/train.tsv, N reviews to learn from, and DIR/held_out.tsv, 1,000 to be judged by: half English, half
// Korean, in each line a text and its label. Scenes of the held-out file are on the tests' side of the line that
// ../documents.mjs draws, so that no text of one file is in the other. The same seed gives the same bytes.
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { drawScene } from '../documents.mjs';
import { languages } from '../render/languages.mjs';
import sentiment, { notes } from '../skills/sentiment.mjs';
import { Random } from '../world/random.mjs';

const nHeldOut = 1000;
/** Of 100 texts: notes of several people (in training only), reviews without a question. */
const share = { notes: 35, unasked: 20 };
/** Notes of more people are left out: the longest text of a batch decides how long it takes. */
const mostNotes = 2;

/** A text in one line and whether it is positive. A review that is not followed by a question is about the
 * whole; one with a question, about what is asked. */
function draw(lang, rng, forTest) {
  if (!forTest && rng.chance(share.notes)) {
    let scene = notes.scene(rng, lang);
    while (scene.said.length > mostNotes) scene = notes.scene(rng, lang);
    const { text, questions } = notes.tell(scene, lang, rng);
    return asked(text, questions[0], lang);
  }
  const scene = drawScene(sentiment, lang, rng, forTest);
  const { text, questions } = sentiment.tell(scene, lang, rng, { single: false });
  if (rng.chance(share.unasked)) return { text, isPositive: scene.verdict };
  return asked(text, questions[0], lang);
}

function asked(text, { ask, answer }, lang) {
  return { text: `${text} ${ask}`, isPositive: answer === languages[lang].noYes[1] };
}

function write(file, n, seed, forTest) {
  const rng = new Random(`classifier/${forTest ? 'held-out' : 'train'}/${seed}`);
  const texts = new Set();
  const lines = [];
  while (lines.length < n) {
    const { text, isPositive } = draw(lines.length % 2 ? 'ko' : 'en', rng, forTest);
    if (forTest && texts.has(text)) continue;
    texts.add(text);
    lines.push(`${text}\t${isPositive ? 'POSITIVE' : 'NEGATIVE'}\n`);
  }
  fs.writeFileSync(file, lines.join(''));
}

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    lines: { type: 'string', default: '200000' },
    seed: { type: 'string', default: '1' },
  },
});
if (!values.out || !/^[1-9]\d{0,8}$/.test(values.lines)) {
  console.error('usage: texts.mjs --out DIR [--lines N] [--seed S]');
  process.exit(1);
}
fs.mkdirSync(values.out, { recursive: true });
write(path.join(values.out, 'train.tsv'), Number(values.lines), values.seed, false);
write(path.join(values.out, 'held_out.tsv'), nHeldOut, values.seed, true);
