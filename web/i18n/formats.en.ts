/** Every format and mixture that the core lists, by its name in recipes. */
import type { FormatText } from './format_text.ts';

/** Headings of the menu; a family's mixtures stand apart from its formats. */
export const families = {
  mlx: 'MLX',
  'mlx-mixture': 'MLX, mixed',
  ggml: 'llama.cpp (GGML)',
  'ggml-mixture': 'llama.cpp, whole files',
  torch: 'PyTorch',
  bitsandbytes: 'bitsandbytes',
  plain: 'Textbook',
  float: 'Floats',
};

const mixed = (low: number, high: number) =>
  `Integers in groups: ${low} bits for most matrices, ${high} for the output and for value and down projections in every third layer and at both ends; a ready-made recipe of mlx_lm.`;
const fileOf = (base: string) =>
  `What llama.cpp writes when asked for ${base}: that format for almost everything, and Q6_K for the output matrix.`;

export const kinds = {
  affine: {
    name: 'Integers in groups',
    title: (bits: string) => `${bits}-bit integers`,
    about:
      'Whole numbers, with a scale and a bias for each group of neighbouring weights: the everyday format of MLX, for running models on Apple computers.',
  },
  mxfp4: {
    name: 'MXFP4',
    about:
      'Four-bit floats with a power of two for every 32 weights, after the open Microscaling standard: made for new hardware, and what gpt-oss was published in; stored as MLX does.',
  },
  mxfp8: {
    name: 'MXFP8',
    about:
      'Eight-bit floats with a power of two for every 32 weights: the careful sibling of MXFP4, good where a few weights are enormous; stored as MLX does.',
  },
  nvfp4: {
    name: 'NVFP4',
    about:
      'Four-bit floats with an 8-bit float as the scale of every 16 weights: what Nvidia’s Blackwell processors compute in; stored as MLX does.',
  },
  nvfp4_tensor: {
    name: 'NVFP4 + matrix scale',
    about:
      'NVFP4 with one more scale for the whole matrix, which brings the small scales to where they are precise: the way Nvidia defines the format.',
  },
  mixed_2_6: { name: 'Mixed, 2 and 6 bits', about: mixed(2, 6) },
  mixed_3_4: { name: 'Mixed, 3 and 4 bits', about: mixed(3, 4) },
  mixed_3_6: { name: 'Mixed, 3 and 6 bits', about: mixed(3, 6) },
  mixed_4_6: { name: 'Mixed, 4 and 6 bits', about: mixed(4, 6) },
  q4_0: {
    name: 'Q4_0',
    about:
      'Four bits per weight and a 16-bit scale for every 32, centred on zero: the simplest of llama.cpp’s formats, and quick to compute with.',
  },
  q4_1: {
    name: 'Q4_1',
    about:
      'Q4_0 with an offset for every 32 weights as well, for those that do not lie evenly around zero: met in older GGUF files.',
  },
  q5_0: {
    name: 'Q5_0',
    about:
      'Q4_0 with a fifth bit, which halves the steps: llama.cpp takes it in place of Q4_K where rows are no multiple of 256.',
  },
  q5_1: {
    name: 'Q5_1',
    about:
      'Q4_1 with a fifth bit, which halves the steps: llama.cpp takes it in place of Q5_K where rows are no multiple of 256.',
  },
  q8_0: {
    name: 'Q8_0',
    about:
      'A signed byte per weight and a 16-bit scale for every 32: half of a 16-bit model, and so close to it that llama.cpp users keep it as the master copy.',
  },
  q2_k: {
    name: 'Q2_K',
    about:
      'Two bits per weight in blocks of 256, in which every 16 have a 4-bit scale and offset of their own: llama.cpp’s format for models that fit in no other way.',
  },
  q3_k: {
    name: 'Q3_K',
    about:
      'Three bits per weight in blocks of 256, in which every 16 have a 6-bit scale: llama.cpp’s format between the desperate and the usual.',
  },
  q4_k: {
    name: 'Q4_K',
    about:
      'Four bits per weight in blocks of 256, in which every 32 have a 6-bit scale and offset: the base of Q4_K_M, llama.cpp’s usual choice.',
  },
  q5_k: {
    name: 'Q5_K',
    about:
      'Q4_K with a fifth bit, which halves the steps: the base of Q5_K_M, for those who have some memory to spare.',
  },
  q6_k: {
    name: 'Q6_K',
    about:
      'Six bits per weight in blocks of 256, in which every 16 have an 8-bit scale: what llama.cpp keeps the matrices in that suffer most.',
  },
  iq4_nl: {
    name: 'IQ4_NL',
    about:
      'Four bits that choose among 16 unevenly spaced values, finer near zero, with a 16-bit scale for every 32 weights: llama.cpp’s closer fit at the size of Q4_0.',
  },
  mxfp4_ggml: {
    name: 'MXFP4 (GGML)',
    about:
      'Four-bit floats with a power of two for every 32 weights, in llama.cpp’s layout and with its choice of scales: how GGUF files hold gpt-oss.',
  },
  q2_k_file: {
    name: 'Q2_K file',
    about:
      'What llama.cpp writes when asked for Q2_K: Q2_K for most matrices, Q3_K or Q4_K for values, down projections and attention outputs, Q6_K for the output.',
  },
  q3_k_s: {
    name: 'Q3_K_S',
    about:
      'Small: Q3_K for everything but the output matrix, which is Q6_K; the smallest of llama.cpp’s three 3-bit files.',
  },
  q3_k_m: {
    name: 'Q3_K_M',
    about:
      'Medium: Q3_K, with Q4_K and Q5_K for values, down projections and attention outputs; llama.cpp’s usual 3-bit file.',
  },
  q3_k_l: {
    name: 'Q3_K_L',
    about:
      'Large: Q3_K, with Q5_K for values, down projections and attention outputs; the largest of llama.cpp’s 3-bit files.',
  },
  q4_k_s: {
    name: 'Q4_K_S',
    about:
      'Small: Q4_K, with Q5_K for values and down projections of the first layers; a little less than Q4_K_M takes.',
  },
  q4_k_m: {
    name: 'Q4_K_M',
    about:
      'Medium: Q4_K, with Q6_K for half of the value and down projections and for the output: what most people run at home with llama.cpp, Ollama or LM Studio.',
  },
  q5_k_s: {
    name: 'Q5_K_S',
    about:
      'Small: Q5_K for everything but the output matrix, which is Q6_K; a little less than Q5_K_M takes.',
  },
  q5_k_m: {
    name: 'Q5_K_M',
    about:
      'Medium: Q5_K, with Q6_K for half of the value and down projections and for the output; for those who find Q4_K_M too coarse.',
  },
  q6_k_file: {
    name: 'Q6_K file',
    about:
      'What llama.cpp writes when asked for Q6_K: that format for every matrix whose rows allow it, Q8_0 for the others.',
  },
  iq4_nl_file: {
    name: 'IQ4_NL file',
    about:
      'What llama.cpp writes when asked for IQ4_NL: that format for most matrices, Q5_K for some, Q6_K for the output.',
  },
  q4_0_file: { name: 'Q4_0 file', about: fileOf('Q4_0') },
  q4_1_file: { name: 'Q4_1 file', about: fileOf('Q4_1') },
  q5_0_file: { name: 'Q5_0 file', about: fileOf('Q5_0') },
  q5_1_file: { name: 'Q5_1 file', about: fileOf('Q5_1') },
  q8_0_file: {
    name: 'Q8_0 file',
    about:
      'What llama.cpp writes when asked for Q8_0: that format for every matrix, the output included.',
  },
  int8: {
    name: 'int8, per row',
    about:
      'A signed byte per weight and one scale for each row of a matrix: torchao’s int8 weight-only format, the plainest way to halve a PyTorch model.',
  },
  int4: {
    name: 'int4, in groups',
    about:
      'Four bits per weight, with a scale and a zero for each group of neighbours: torchao’s int4 weight-only format, for PyTorch on graphics cards.',
  },
  qint8: {
    name: 'qint8, per matrix',
    about:
      'A signed byte per weight and a single scale for the whole matrix: PyTorch’s own dynamic quantization, which one large weight can spoil.',
  },
  nf4: {
    name: 'NF4',
    about:
      'Four bits that choose among 16 values spaced like a bell curve, with a 32-bit scale for every 64 weights: the format of QLoRA, for fine-tuning large models on one graphics card.',
  },
  nf4_double: {
    name: 'NF4, double',
    about:
      'NF4 whose scales are quantized once more, to 8 bits: bitsandbytes’ double quantization, as QLoRA trains with.',
  },
  tensor: {
    name: 'One scale per matrix',
    title: (bits: string) => `${bits}-bit, one scale`,
    about:
      'Evenly spaced values on both sides of zero, one scale for the whole matrix: the first example of every textbook, in which one large weight makes all steps coarse.',
  },
  tensor_asym: {
    name: 'Per matrix, shifted',
    title: (bits: string) => `${bits}-bit, one scale, shifted`,
    about:
      'Evenly spaced values from the smallest to the largest weight of the matrix, with a zero point that says where 0 lies: the textbook’s answer to weights that lean to one side.',
  },
  channel: {
    name: 'One scale per row',
    title: (bits: string) => `${bits}-bit, scale per row`,
    about:
      'Evenly spaced values on both sides of zero, with a scale for each row of the matrix: the textbook’s remedy for large weights, which now spoil only their own row.',
  },
  channel_asym: {
    name: 'Per row, shifted',
    title: (bits: string) => `${bits}-bit, scale per row, shifted`,
    about:
      'Evenly spaced values from the smallest to the largest weight of each row, with a zero point for each: the textbook’s finest grid before groups.',
  },
  bf16: {
    name: 'bfloat16',
    about:
      'A 16-bit float with the range of a 32-bit one and 8 significant bits: what most language models are trained in and published as.',
  },
  f16: {
    name: 'float16',
    about:
      'A 16-bit float with 11 significant bits and a narrow range: what graphics cards and GGUF files have long used for unquantized weights.',
  },
  f32: {
    name: 'float32',
    about:
      'A 32-bit float for each weight: exact for every published model, and twice the size of most.',
  },
} satisfies Record<string, FormatText>;
