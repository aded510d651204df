// node examples/tinyworld/tokenizer.mjs
// Trains the byte-level BPE on generated text and writes tokenizer.json beside this file.
import fs from 'node:fs';
import { byteCharacters, byteSymbols, pieces } from './bpe.mjs';
import { endToken } from './documents.mjs';
import { documents } from './generate.mjs';

const vocabularySize = 2048;
const trainingDocuments = 60000;
// Pieces rarer than this are mostly the invented words of the copying skill: they must stay in
// pieces, or copying them would be a look-up.
const leastCount = 40;

function countPieces() {
  const counts = new Map();
  const stream = documents('tokenizer');
  for (let i = 0; i < trainingDocuments; i++) {
    for (const piece of pieces(stream.next().value.text))
      counts.set(piece, (counts.get(piece) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count >= leastCount)
    .sort((a, b) => (a[0] < b[0] ? -1 : 1));
}

/** The merges in order: always the most frequent pair; of equals, the one first in code order. */
function trainMerges(counts, wanted) {
  const words = counts.map(([piece, count]) => ({ symbols: byteSymbols(piece), count }));
  const frequency = new Map();
  const users = new Map();
  const note = (word, sign) => {
    for (let i = 0; i + 1 < word.symbols.length; i++) {
      const pair = `${word.symbols[i]} ${word.symbols[i + 1]}`;
      frequency.set(pair, (frequency.get(pair) ?? 0) + sign * word.count);
      if (!users.has(pair)) users.set(pair, new Set());
      users.get(pair).add(word);
    }
  };
  for (const word of words) note(word, 1);
  const merges = [];
  while (merges.length < wanted) {
    let best = null;
    let most = 0;
    for (const [pair, count] of frequency) {
      if (count > most || (count === most && count > 0 && pair < best))
        [best, most] = [pair, count];
    }
    if (!best) throw new Error(`the text gives only ${merges.length} merges of ${wanted}`);
    merges.push(best);
    const [left, right] = best.split(' ');
    for (const word of users.get(best)) {
      note(word, -1);
      for (let i = 0; i + 1 < word.symbols.length; i++) {
        if (word.symbols[i] === left && word.symbols[i + 1] === right)
          word.symbols.splice(i, 2, left + right);
      }
      note(word, 1);
    }
    frequency.delete(best);
    users.delete(best);
  }
  return merges;
}

const merges = trainMerges(countPieces(), vocabularySize - 257);
const symbols = [
  endToken,
  ...byteCharacters.toSorted(),
  ...merges.map((pair) => pair.replace(' ', '')),
];
const byteLevel = {
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: true,
};
const tokenizer = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: [
    {
      id: 0,
      content: endToken,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    },
  ],
  normalizer: null,
  pre_tokenizer: byteLevel,
  post_processor: null,
  decoder: byteLevel,
  model: {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: false,
    vocab: Object.fromEntries(symbols.map((symbol, id) => [symbol, id])),
    merges,
  },
};
fs.writeFileSync(
  new URL('tokenizer.json', import.meta.url),
  `${JSON.stringify(tokenizer, null, 1)}\n`,
);
console.log(`${symbols.length} entries`);
