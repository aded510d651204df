/* Chat templates at the terminal: bitloss chat, and what generate and compare make of a prompt. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { bitloss, folder, golden, json, readJson, start } from './command.mjs';

const tinyWorld = golden('..', '..', 'examples', 'tinyworld', 'models', '2M');
const TEMPLATE =
  "{% for m in messages %}{{ m.role + ': ' + m.content + '\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}";

/** A copy of a model with a chat template, and with other members in its JSON files. */
function withTemplate(t, { from = tinyWorld, template = TEMPLATE, files = {} } = {}) {
  const dir = join(folder(t), 'model');
  cpSync(from, dir, { recursive: true });
  writeFileSync(join(dir, 'chat_template.jinja'), template);
  for (const [name, members] of Object.entries(files))
    writeFileSync(join(dir, name), JSON.stringify({ ...readJson(join(dir, name)), ...members }));
  return dir;
}

const generate = (dir, prompt, ...more) =>
  json(['generate', '--model', dir, '--prompt', prompt, '-m', '12', ...more]);

test('a prompt becomes a question in the chat template, unless that is to be ignored', (t) => {
  const dir = withTemplate(t);
  const asked = generate(dir, 'Who is Mia?');
  assert.equal(asked.chat_template, true);
  assert.equal(asked.prompt, 'user: Who is Mia?\nassistant: ');
  const plain = generate(dir, 'Who is Mia?', '--ignore-chat-template');
  assert.equal(plain.chat_template, false);
  assert.equal(plain.prompt, 'Who is Mia?');
  const written = generate(dir, asked.prompt, '--ignore-chat-template');
  assert.deepEqual(written.ids, asked.ids);
  assert.notDeepEqual(plain.ids, asked.ids);
  const told = generate(dir, 'Hi', '--system-prompt', 'Be brief, 짧게');
  assert.equal(told.prompt, 'system: Be brief, 짧게\nuser: Hi\nassistant: ');
});

test('the template writes all special tokens: BOS is neither doubled nor added', (t) => {
  const from = golden('tiny_llama3');
  const expected = readJson(join(from, 'expected.json'));
  const count = (template) =>
    generate(withTemplate(t, { from, template }), expected.prompt).prompt_tokens;
  assert.equal(count('{{ bos_token + messages[0].content }}'), expected.ids.length);
  assert.equal(count('{{ messages[0].content }}'), expected.ids.length - 1);
});

test('options that do not go together, and a model without a template, are refused', (t) => {
  const refused = (args, status, sentence) => {
    const found = bitloss(args);
    assert.equal(found.status, status, found.err);
    assert.match(found.err, sentence);
    assert.equal(found.out, '');
  };
  const both = ['--system-prompt', 'x', '--ignore-chat-template'];
  const dir = withTemplate(t);
  const prompt = ['--prompt', 'Hi'];
  refused(['generate', '--model', dir, ...prompt, ...both], 2, /--system-prompt is a part of the/);
  refused(['compare', '--model', dir, ...prompt, ...both], 2, /--system-prompt is a part of the/);
  refused(
    ['generate', '--model', tinyWorld, ...prompt, '--system-prompt', 'x'],
    1,
    /--system-prompt needs a chat template, and the model has none/,
  );
  refused(['chat', '--model', tinyWorld], 1, /has no chat template; 'bitloss generate' continues/);
  refused(
    ['compare', '--model', dir, '--ignore-chat-template'],
    2,
    /--ignore-chat-template need --prompt/,
  );
  const strict = withTemplate(t, { template: "{{ raise_exception('No ' ~ messages[0].role) }}" });
  refused(
    ['generate', '--model', strict, ...prompt],
    1,
    /the chat template refuses the conversation: No user/,
  );
  const broken = withTemplate(t, { template: '\n{{ messages.x.y }}' });
  refused(['generate', '--model', broken, ...prompt], 1, /chat template, line 2: 'x' is undefined/);
});

test('compare puts its prompt into the template and says so; many prompts stay as they are', (t) => {
  const dir = withTemplate(t);
  const args = ['compare', '--model', dir, '--recipes', 'affine:4:64', '-m', '8'];
  const asked = bitloss([...args, '--prompt', 'Who is Mia?', '--json']);
  assert.match(asked.err, /note: the prompt is put into the model's chat template/);
  const { prompt, chat_template, lanes } = JSON.parse(asked.out);
  assert.equal(prompt, 'user: Who is Mia?\nassistant: ');
  assert.equal(chat_template, true);
  assert.deepEqual(lanes[0].ids, generate(dir, 'Who is Mia?', '-m', '8').ids);
  const plain = bitloss([...args, '--prompt', 'Hi', '--ignore-chat-template']);
  assert.doesNotMatch(plain.err, /chat template/);
});

/** A conversation's turns, from what is typed. */
const talk = (dir, lines, ...more) =>
  json(['chat', '--model', dir, '-m', '12', ...more], { input: lines.join('\n') }).turns;

test('chat goes on as if the whole conversation were read anew, and reads the new part alone', (t) => {
  const dir = withTemplate(t);
  const turns = talk(dir, ['Who is Mia?', 'Where is the sea?', 'Why?'], '--system-prompt', 'S');
  assert.equal(turns.length, 3);
  let text = 'system: S\n';
  for (const { user, text: answer, ids, prompt_tokens, read_tokens } of turns) {
    text += `user: ${user}\nassistant: `;
    const anew = generate(dir, text, '--ignore-chat-template');
    assert.equal(anew.prompt_tokens, prompt_tokens);
    assert.deepEqual(anew.ids, ids);
    text += `${answer}\n`;
    if (user === turns[0].user) assert.equal(read_tokens, prompt_tokens);
    else assert.ok(read_tokens < 30 && read_tokens < prompt_tokens, `${read_tokens}`);
  }
});

test('a template that changes what was said is followed', (t) => {
  const template =
    "{% for m in messages %}{{ m.role + (' (old): ' if not loop.last else ': ') + m.content + '\\n' }}" +
    '{% endfor %}';
  const dir = withTemplate(t, { template });
  const [first, second] = talk(dir, ['Who is Mia?', 'Why?']);
  const text = `user (old): Who is Mia?\nassistant (old): ${first.text}\nuser: Why?\n`;
  assert.deepEqual(second.ids, generate(dir, text, '--ignore-chat-template').ids);
});

test('/clear forgets, /exit ends, and a turn may have several lines', (t) => {
  const dir = withTemplate(t);
  const lines = ['One?', '/clear', '', '"""', 'two', 'lines', '"""', '/nope', '/exit', 'never'];
  const { status, out, err } = bitloss(['chat', '--model', dir, '--json'], {
    input: lines.join('\n'),
  });
  assert.equal(status, 0);
  assert.match(err, /there is no '\/nope'; \/help lists what there is/);
  const { turns } = JSON.parse(out);
  assert.deepEqual(
    turns.map(({ user }) => user),
    ['One?', 'two\nlines'],
  );
  assert.deepEqual(turns[1].ids, generate(dir, 'two\nlines', '-m', '512').ids);
});

test('answers are printed as they come, a line for each', (t) => {
  const dir = withTemplate(t);
  const turns = talk(dir, ['Who is Mia?', 'Why?']);
  const { status, out } = bitloss(['chat', '--model', dir, '-m', '12'], {
    input: 'Who is Mia?\r\nWhy?\r\n',
  });
  assert.equal(status, 0);
  assert.equal(out, turns.map(({ text }) => `${text}\n`).join(''));
});

/** What takes the end tokens away. */
const ENDLESS = {
  'tokenizer_config.json': { eos_token: null },
  'config.json': { eos_token_id: null },
};

/* Without a token that ends a text, and with room for a million, no answer ends by itself. */
test('Ctrl-C stops an answer, and the conversation goes on', { timeout: 60000 }, async (t) => {
  const dir = withTemplate(t, {
    files: {
      ...ENDLESS,
      'config.json': { ...ENDLESS['config.json'], max_position_embeddings: 100000 },
    },
  });
  const args = ['chat', '--model', dir, '-m', '1000000', '--context', '100000'];
  const child = start(args);
  t.after(() => child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  child.stdin.write('Who?\n');
  await once(child.stdout, 'data');
  child.kill('SIGINT');
  // What it says to this it says when it listens again.
  child.stdin.write('/help\n');
  const [help] = await once(child.stderr, 'data');
  assert.match(String(help), /forget the conversation/);
  child.stdin.end('/exit\n');
  const [status, signal] = await ended;
  assert.deepEqual([status, signal], [0, null]);
});

test('an answer that fills the context says so, and a question that has no room is refused', (t) => {
  const dir = withTemplate(t, { files: ENDLESS });
  const full = bitloss(['chat', '--model', dir, '--context', '30'], { input: 'Who is Mia?\n' });
  assert.equal(full.status, 0);
  assert.match(full.err, /the answer ends where the context of 30 tokens is full; \/clear begins/);
  const over = bitloss(['chat', '--model', dir, '--context', '3'], { input: 'Who is Mia?\n' });
  assert.equal(over.status, 1);
  assert.match(over.err, /the prompt is \d+ tokens long, the context holds 3/);
});

test('what is typed is taken whole or refused: a NUL, a long turn, input that cannot be read', (t) => {
  const dir = withTemplate(t);
  const nul = bitloss(['chat', '--model', dir, '-m', '2'], { input: 'Hi\n\0\nWho is\0Mia?\n' });
  assert.equal(nul.status, 1);
  assert.match(nul.err, /^bitloss: a message has a NUL character, which a chat template/m);
  const prompt = bitloss(['generate', '--model', dir, '-p', '-'], { input: 'Who is\0Mia?' });
  assert.equal(prompt.status, 1);
  assert.match(prompt.err, /^bitloss: a message has a NUL character/);
  const lines = `"""\n${'a\n'.repeat(300000)}"""\n`;
  const long = bitloss(['chat', '--model', dir], { input: lines, timeout: 30000 });
  assert.equal(long.status, 1);
  assert.match(long.err, /the prompt is \d+ tokens long, the context holds 512/);
  const line = bitloss(['chat', '--model', dir], { input: 'a'.repeat(16000001) });
  assert.equal(line.status, 1);
  assert.match(line.err, /a line of the standard input is over 16 MB/);
});

/* What generation_config.json names beside config.json ends an answer, too. */
test('each of the end tokens that the files name ends a text', (t) => {
  const expected = readJson(golden('tiny_llama', 'expected.json'));
  const [first, second] = expected.greedy_ids;
  for (const ends of [
    [first, 1],
    [1, second],
  ]) {
    const dir = join(folder(t), 'model');
    cpSync(golden('tiny_llama'), dir, { recursive: true });
    writeFileSync(join(dir, 'generation_config.json'), JSON.stringify({ eos_token_id: ends }));
    const found = generate(dir, expected.prompt);
    assert.equal(found.stop, 'end');
    assert.deepEqual(found.ids, ends[0] === first ? [] : [first]);
  }
});
