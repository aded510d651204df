// node examples/tinyworld/classifier/texts.mjs --out DIR [--lines N] [--seed S]
// Writes DIR/train.tsv, N reviews to learn from, and DIR/held_out.tsv, 1,000 to be judged by: half English, half
// Korean, in each line a text and its label. Scenes of the held-out file are on the tests' side of the line that
// ../documents.mjs draws, so that no text of one file is in the other. The same seed gives the same bytes.
//
// The texts to learn from stand in the order in which they are to be shown, short ones first, and have a third
// column: what the clauses of the text say, and its question's answer, as "sign from:to" in characters ("-4:26 +32:50
// ?+52:74").
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { drawScene } from '../documents.mjs';
import { languages } from '../render/languages.mjs';
import sentiment, { notes } from '../skills/sentiment.mjs';
import { Random } from '../world/random.mjs';

const nHeldOut = 1000;
/** Of 100 texts to learn from, those that come first: what one person says of two parts without negations, then with
 * them. Of 100 such people, so many like one part and not the other, or more. */
const easy = { plain: 6, negated: 14, differ: 70 };
/** Of 100 later texts: notes of people (in training only; half of them of one person); of 100 reviews, those without
 * a question. */
const share = { notes: 35, unasked: 20 };

/** A text in one line, whether it is positive, and what its clauses say. A review that is not followed by a question
 * is about the whole; one with a question, about what is asked. */
function reviewOf(told, lang, question) {
  const text = question ? `${told.text} ${question.ask}` : told.text;
  const marks = [];
  let at = 0;
  const mark = (clause, isPositive, kind = '') => {
    const from = text.toLowerCase().indexOf(clause.toLowerCase(), at);
    at = from + clause.length;
    marks.push(`${kind}${isPositive ? '+' : '-'}${from}:${at}`);
  };
  for (const { clause, good } of told.says) mark(clause, good);
  if (!question) return { text, isPositive: told.says.at(-1).good, marks };
  const isPositive = question.answer === languages[lang].noYes[1];
  mark(question.ask, isPositive, '?');
  return { text, isPositive, marks };
}

function drawReview(lang, rng, forTest) {
  const scene = drawScene(sentiment, lang, rng, forTest);
  const told = sentiment.tell(scene, lang, rng, { single: false });
  return reviewOf(told, lang, rng.chance(share.unasked) ? undefined : told.questions[0]);
}

/** What the first few of several people said, with a question about one of them. */
function drawNotes(lang, rng, nPeople) {
  const { said } = notes.scene(rng);
  const told = notes.tell({ said: said.slice(0, nPeople) }, lang, rng);
  return reviewOf(told, lang, told.questions[0]);
}

/** One person on two parts, asked about each: two texts that differ in nothing else. */
function drawPair(lang, rng, isPlain) {
  for (;;) {
    const [first] = notes.scene(rng).said;
    const [one, other] = first.opinions;
    if (!other) continue;
    if (rng.chance(easy.differ)) other.good = !one.good;
    if (isPlain) one.manner = other.manner = 'plain';
    const told = notes.tell({ said: [first] }, lang, rng);
    // Without its heading, "In the guest book.", which no text has after these.
    told.text = told.text.slice(told.text.indexOf('. ') + 2);
    return told.questions.map((question) => reviewOf(told, lang, question));
  }
}

function* drawTraining(n, rng) {
  for (let i = 0; i < n; ) {
    const lang = i % 4 < 2 ? 'en' : 'ko';
    const done = (100 * i) / n;
    if (done < easy.plain + easy.negated) {
      yield* drawPair(lang, rng, done < easy.plain);
      i += 2;
    } else {
      i++;
      if (rng.chance(share.notes)) yield drawNotes(lang, rng, rng.between(1, 2));
      else yield drawReview(lang, rng, false);
    }
  }
}

function* drawHeldOut(rng) {
  const texts = new Set();
  while (texts.size < nHeldOut) {
    const review = drawReview(texts.size % 2 ? 'ko' : 'en', rng, true);
    if (texts.has(review.text)) continue;
    texts.add(review.text);
    yield review;
  }
}

function write(file, reviews, withMarks) {
  const lines = [];
  for (const { text, isPositive, marks } of reviews) {
    const columns = [text, isPositive ? 'POSITIVE' : 'NEGATIVE'];
    if (withMarks) columns.push(marks.join(' '));
    lines.push(`${columns.join('\t')}\n`);
  }
  fs.writeFileSync(file, lines.join(''));
}

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    lines: { type: 'string', default: '256000' },
    seed: { type: 'string', default: '1' },
  },
});
if (!values.out || !/^[1-9]\d{0,8}$/.test(values.lines)) {
  console.error('usage: texts.mjs --out DIR [--lines N] [--seed S]');
  process.exit(1);
}
const random = (kind) => new Random(`classifier/${kind}/${values.seed}`);
fs.mkdirSync(values.out, { recursive: true });
write(
  path.join(values.out, 'train.tsv'),
  drawTraining(Number(values.lines), random('train')),
  true,
);
write(path.join(values.out, 'held_out.tsv'), drawHeldOut(random('held-out')), false);
