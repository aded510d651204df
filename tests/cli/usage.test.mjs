/* Arguments, help, exit statuses. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bitloss, golden } from './command.mjs';

const model = golden('tiny_llama');
const commands = [
  'inspect',
  'convert',
  'generate',
  'compare',
  'budget',
  'train',
  'classify',
  'embed',
];

function refuses(args, sentence) {
  const { status, out, err } = bitloss(args);
  assert.equal(status, 2, `${args.join(' ')}: ${err}`);
  assert.equal(out, '');
  assert.match(err, /^bitloss: [^\n]+\n$/, 'one sentence');
  assert.match(err, sentence);
}

test('--version prints the version', () => {
  assert.deepEqual(bitloss(['--version']), {
    status: 0,
    signal: null,
    out: 'bitloss 0.1.0\n',
    err: '',
  });
});

test('--help names every command', () => {
  for (const args of [['--help'], ['-h'], ['help']]) {
    const { status, out, err } = bitloss(args);
    assert.equal(status, 0);
    assert.equal(err, '');
    for (const name of commands) assert.match(out, new RegExp(`^  ${name} `, 'm'));
  }
});

test("each command's help explains its options and gives examples", () => {
  const own = {
    inspect: ['--recipes', '--tensors', '--metadata'],
    convert: ['--hf-path, --model', '--mlx-path', '-q, --quantize', '--q-bits', '--dtype'],
    generate: ['--prompt', '--recipe', '--max-tokens', '--context', '--temp', '--top-k', '--seed'],
    compare: [
      '--recipes',
      '--against',
      '--text',
      '--context',
      '--text-tokens',
      '--tasks',
      '--prompt',
      '--prompts',
      '--max-tokens',
      '--sweep',
      '--sensitivity',
      '--target-bits',
      '--cost',
      '--format',
    ],
    budget: ['--params', '--recipes', '--context'],
    classify: ['--model', '--text', '--ids', '--recipe', '--json'],
    embed: ['--model', '--text', '--ids', '--recipe', '--json'],
    train: ['--config', '--data', '--out', '--resume', '--steps'],
  };
  for (const name of commands) {
    const { status, out } = bitloss([name, '--help']);
    assert.equal(status, 0);
    for (const option of [...own[name], '--json', '--threads', '--color', '-h, --help']) {
      assert.ok(out.includes(option), `${name} --help lacks ${option}`);
    }
    assert.match(out, new RegExp(`^Examples\\n(.*\\n)*  bitloss ${name} `, 'm'));
    assert.equal(bitloss(['help', name]).out, out);
    for (const line of out.slice(0, out.indexOf('\nExamples')).split('\n')) {
      assert.ok(line.length <= 80, `${name}: ${line}`);
    }
  }
});

test('help teaches recipes: every family, mixtures, exceptions and activations', () => {
  const { status, out } = bitloss(['help', 'recipes']);
  assert.equal(status, 0);
  assert.equal(bitloss(['help', 'recipe']).out, out);
  assert.ok(bitloss(['help']).out.includes(out.trim()));
  for (const word of [
    'affine:4:64',
    'mxfp4',
    'q4_k_m',
    'mixed_3_6:64',
    'int4:128',
    'nf4_double',
    'channel:8',
    '@int8',
    '/PATTERN=format',
  ])
    assert.ok(out.includes(word), word);
  for (const line of out.split('\n')) assert.ok(line.length <= 80, line);
});

test('help tells the defaults that the parser uses', () => {
  assert.match(bitloss(['convert', '--help']).out, /--q-mode[^-]*\(default:\s+affine\)/);
  assert.match(bitloss(['compare', '--help']).out, /--max-tokens[^-]*\(default:\s+64\)/);
});

test('no command, or an unknown one, is a usage error', () => {
  refuses([], /no command/);
  refuses(['conver'], /no command 'conver'; the nearest is convert/);
  refuses(['frobnicate'], /'bitloss --help' lists them/);
});

test('an unknown option is named, with the nearest one', () => {
  refuses(['convert', '--q-bit', '4'], /'--q-bit'; the nearest is --q-bits/);
  refuses(['convert', '--bits=4'], /'--bits'; the nearest is --q-bits/);
  refuses(['generate', '--max_tokens', '4'], /'--max_tokens'; the nearest is --max-tokens/);
  refuses(['generate', '--tmep', '4'], /'--tmep'; the nearest is --temp/);
  refuses(['inspect', '--xyzzy', 'x'], /'--xyzzy'; 'bitloss inspect --help' lists them/);
  refuses(['convert', '-z'], /no option '-z'/);
});

test('values are checked, and the sentence says what was expected', () => {
  const convert = (...rest) => [
    'convert',
    '--hf-path',
    model,
    '--mlx-path',
    '/nonexistent/x',
    ...rest,
  ];
  refuses(
    convert('-q', '--q-bits', 'four'),
    /--q-bits is 'four', expected a whole number from 2 to 8/,
  );
  refuses(convert('-q', '--q-bits', '4.5'), /--q-bits is '4.5'/);
  refuses(convert('-q', '--q-bits', '99999999999999999999'), /--q-bits is/);
  refuses(convert('-q', '--q-bits', '7'), /bits is 7, expected 2, 3, 4, 5, 6 or 8/);
  refuses(convert('-q', '--q-group-size', '48'), /group is 48, expected 32, 64 or 128/);
  refuses(
    convert('-q', '--q-mode', 'nf4'),
    /--q-mode is 'nf4', expected affine, mxfp4, mxfp8 or nvfp4/,
  );
  refuses(
    convert('-q', '--q-mode', 'mxfp8', '--q-bits', '4'),
    /mxfp8 has 8 bits and groups of 32; leave out --q-bits/,
  );
  refuses(
    convert('-q', '--q-mode', 'nvfp4', '--q-group-size', '32'),
    /nvfp4 has 4 bits and groups of 16/,
  );
  refuses(
    convert('-q', '--q-mode', 'mxfp4', '--quant-predicate', 'mixed_3_6'),
    /no meaning for mxfp4/,
  );
  refuses(
    ['budget', '7B', '--recipes', 'afine:4'],
    /recipe 'afine:4': format is 'afine', perhaps affine was meant/,
  );
  refuses(
    convert('--recipe', 'q4_0'),
    /q4_0 is GGUF's format, which an MLX directory can't hold: .* --to gguf/,
  );
  refuses(
    convert('--recipe', 'nf4'),
    /nf4 is bitsandbytes' format, which an MLX directory can't hold: .* --to torch/,
  );
  refuses(
    convert('--to', 'torch', '-q'),
    /affine:4:64 is MLX's format, of which transformers loads no checkpoint/,
  );
  refuses(
    convert('--to', 'torch', '--recipe', 'qint8'),
    /qint8 is torch's format, of which transformers loads no/,
  );
  refuses(
    convert('--to', 'gguf', '--recipe', 'int8'),
    /int8 is torch's format, which GGUF has no type for/,
  );
  refuses(convert('--dtype', 'int8'), /--dtype is 'int8', expected float16, bfloat16 or float32/);
  refuses(convert('--threads', '0'), /--threads is '0'/);
  refuses(convert('-q', '-d'), /exclude each other/);
  refuses(convert('--quantize=yes'), /--quantize takes no value/);
  refuses(['generate', '--model', model, '--prompt', 'x', '--temp', 'nan'], /--temp is 'nan'/);
  refuses(['generate', '--model', model, '--prompt', 'x', '--temp', '-1'], /--temp is '-1'/);
  refuses(['generate', '--model', model, '--prompt', 'x', '--recipe', 'affine:1:64'], /bits is/);
  refuses(['compare', '--model', model, '--prompt', 'x', '--recipes', 'affine:4:64,'], /recipe ''/);
  refuses(['convert', model, '--quant-predicate', 'mixed_5_6'], /--quant-predicate is 'mixed_5_6'/);
  refuses(
    ['generate', '--model', model, '--prompt', 'x', '--recipe', 'q4_k_x'],
    /perhaps q4_k_s was meant/,
  );
});

test('options of mlx_lm that bitloss does not have get a sentence', () => {
  refuses(['convert', '--upload-repo', 'me/model'], /--upload-repo: .*sends nothing/);
  refuses(['convert', '--trust-remote-code'], /--trust-remote-code: .*runs no code/);
});

test('what is required must be there', () => {
  refuses(['inspect'], /inspect needs --model MODEL/);
  refuses(['convert'], /convert needs --hf-path MODEL/);
  refuses(['generate', model], /generate needs --prompt TEXT/);
  refuses(['generate', model, '--prompt'], /--prompt needs a value/);
  refuses(['generate', model, '--prompt', '--temp', '1'], /--prompt needs a value/);
  refuses(['inspect', model, model], /one argument too many/);
});

test("a model may be given with or without the option's name, and after --", () => {
  const { out } = bitloss(['inspect', model]);
  assert.match(out, /^tiny_llama\n/);
  assert.equal(bitloss(['inspect', '--model', model]).out, out);
  assert.equal(bitloss(['inspect', `--model=${model}`]).out, out);
  assert.equal(bitloss(['inspect', '--', model]).out, out);
});

test('colours come when asked for, and never into a pipe by themselves', () => {
  const esc = '\u001b[';
  assert.ok(!bitloss(['inspect', model]).out.includes(esc));
  assert.ok(bitloss(['inspect', model, '--color', 'always']).out.includes(esc));
  assert.ok(!bitloss(['inspect', model, '--color', 'never']).out.includes(esc));
});
