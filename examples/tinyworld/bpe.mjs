// Byte-level BPE: how text becomes ids, as the Hugging Face `tokenizers` library does it with the
// ByteLevel pre-tokenizer and a BPE model.

/** GPT-2's split pattern, which ByteLevel applies when `use_regex` is true. */
const splitPattern = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/** The visible character that stands for each byte in tokenizer.json: GPT-2's table. */
export const byteCharacters = (() => {
  const out = [];
  let spare = 256;
  for (let byte = 0; byte < 256; byte++) {
    const visible = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    out.push(String.fromCharCode(visible ? byte : spare++));
  }
  return out;
})();

/** A text in pieces that no token crosses. */
export const pieces = (text) => text.match(splitPattern) ?? [];

/** A piece's bytes, each as its visible character. */
export function byteSymbols(piece) {
  return Array.from(Buffer.from(piece, 'utf8'), (byte) => byteCharacters[byte]);
}

export class Encoder {
  /** `json`: a parsed tokenizer.json. */
  constructor(json) {
    this.vocab = new Map(Object.entries(json.model.vocab));
    this.rank = new Map(json.model.merges.map((pair, i) => [pair, i]));
    this.cache = new Map();
  }

  /** The ids of a text without special tokens. */
  encode(text) {
    return pieces(text).flatMap((piece) => this.word(piece));
  }

  /** How many tokens a text without special tokens has. */
  count(text) {
    let total = 0;
    for (const piece of pieces(text)) total += this.word(piece).length;
    return total;
  }

  word(piece) {
    let ids = this.cache.get(piece);
    if (ids) return ids;
    const symbols = byteSymbols(piece);
    for (;;) {
      let best = Infinity;
      let at = -1;
      for (let i = 0; i + 1 < symbols.length; i++) {
        const rank = this.rank.get(`${symbols[i]} ${symbols[i + 1]}`);
        if (rank !== undefined && rank < best) [best, at] = [rank, i];
      }
      if (at < 0) break;
      symbols.splice(at, 2, symbols[at] + symbols[at + 1]);
    }
    ids = symbols.map((symbol) => this.vocab.get(symbol));
    if (this.cache.size < 50000) this.cache.set(piece, ids);
    return ids;
  }
}
