// node examples/tinyworld/calibration.mjs [--tokens 65536] [--stage 7] [--seed calibration] [--skill NAME] > FILE
// Writes documents of the training generator, half of the tokens in English and half in Korean, each
// followed by <|end|>: what methods that choose codes are shown of TinyWorld's text. With another seed, and
// --skill stories, it is text to judge them on.
import { parseArgs } from 'node:util';
import { endToken } from './documents.mjs';
import { documents, loadEncoder } from './generate.mjs';

const { values } = parseArgs({
  options: {
    tokens: { type: 'string', default: '65536' },
    stage: { type: 'string', default: '7' },
    seed: { type: 'string', default: 'calibration' },
    skill: { type: 'string' },
    lang: { type: 'string' },
  },
});
const encoder = loadEncoder();
const langs = values.lang ? [values.lang] : ['en', 'ko'];
const left = Object.fromEntries(langs.map((lang) => [lang, Number(values.tokens) / langs.length]));
for (const { text, lang, skill } of documents(values.seed, values.stage)) {
  if (langs.every((l) => left[l] <= 0)) break;
  if (!(left[lang] > 0) || (values.skill && skill !== values.skill)) continue;
  left[lang] -= encoder.count(text) + 1;
  process.stdout.write(text + endToken);
}
