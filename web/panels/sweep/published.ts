/** Tables that others have published, as points beside one's own. Theirs are other models, read on other texts:
 * what can stand on one axis with ours is how far the perplexity rose, ln(PPL / PPL of the unrounded
 * model), against bits per weight. Figures are as their sources give them. */

export interface PublishedPoint {
  recipe: string;
  bitsPerWeight: number;
  /** The logarithm of the perplexity over that of the unrounded model. */
  lnRatio: number;
  /** KL divergence in nats; null where the source has none. */
  kl: number | null;
}

export interface PublishedTable {
  id: 'llama' | 'qwen';
  model: string;
  source: string;
  url: string;
  points: readonly PublishedPoint[];
}

/** Parameters of Llama 3 8B, for bits from the sizes of files. */
const N_LLAMA = 8_030_261_248;

/** As published: format, whether an importance matrix was used, GiB of the file, perplexity, its difference
 * from that of the unrounded model, KL divergence. */
const LLAMA: readonly [string, boolean, number, number, number, number][] = [
  ['q8_0', false, 7.96, 6.234284, 0.00265, 0.001355],
  ['q6_K', false, 6.14, 6.253382, 0.021748, 0.005452],
  ['q5_K_M', false, 5.33, 6.288607, 0.056974, 0.010762],
  ['q5_K_S', false, 5.21, 6.336598, 0.104964, 0.016595],
  ['q4_K_M', false, 4.58, 6.407115, 0.175482, 0.031273],
  ['q4_K_S', true, 4.37, 6.409697, 0.178064, 0.031951],
  ['iq4_NL', true, 4.35, 6.455593, 0.223959, 0.035742],
  ['iq4_XS', true, 4.14, 6.459705, 0.228071, 0.036334],
  ['q4_K_S', false, 4.37, 6.500529, 0.268895, 0.043136],
  ['q4_0', false, 4.34, 6.700147, 0.468514, 0.07194],
  ['q3_K_M', true, 3.74, 6.734255, 0.502622, 0.084358],
  ['q3_K_M', false, 3.74, 6.888498, 0.656864, 0.101913],
  ['iq3_S', true, 3.42, 6.965501, 0.733867, 0.111278],
  ['iq3_XXS', true, 3.05, 7.458436, 1.226803, 0.183625],
  ['q3_K_S', true, 3.41, 7.602878, 1.371244, 0.199821],
  ['q3_K_S', false, 3.41, 7.863786, 1.632152, 0.228217],
  ['iq2_M', true, 2.74, 8.600799, 2.369166, 0.325989],
  ['q2_K', true, 2.96, 8.647825, 2.416191, 0.332223],
  ['q2_K', false, 2.96, 9.751568, 3.519934, 0.445132],
  ['iq2_XS', true, 2.43, 10.761424, 4.529791, 0.54629],
];

/** Perplexity in bfloat16, and what the methods of mlx-lm made of it at 4 bits and more. */
const QWEN_BF16 = 9.97;
const QWEN: readonly [string, number, number][] = [
  ['4-bit, g64', 4.5, 12.58],
  ['GPTQ', 5.02, 11.405],
  ['dynamic', 5.0, 11.25],
  ['DWQ, g64', 4.5, 11.24],
  ['DWQ, g32', 5.0, 10.87],
];

export const PUBLISHED: readonly PublishedTable[] = [
  {
    id: 'llama',
    model: 'Llama 3 8B',
    source: 'llama.cpp, “LLaMA 3 8b Scoreboard”, Wikitext-2',
    url: 'https://github.com/ggml-org/llama.cpp/pull/6936',
    points: LLAMA.map(([name, hasMatrix, gib, ppl, difference, kl]) => ({
      recipe: hasMatrix ? `${name} + imatrix` : name,
      bitsPerWeight: (gib * 2 ** 33) / N_LLAMA,
      lnRatio: Math.log(ppl / (ppl - difference)),
      kl,
    })),
  },
  {
    id: 'qwen',
    model: 'Qwen3-0.6B-base',
    source: 'mlx-lm, pull requests 196, 202 and 279',
    url: 'https://github.com/ml-explore/mlx-lm/pull/202',
    points: QWEN.map(([recipe, bitsPerWeight, ppl]) => ({
      recipe,
      bitsPerWeight,
      lnRatio: Math.log(ppl / QWEN_BF16),
      kl: null,
    })),
  },
];
