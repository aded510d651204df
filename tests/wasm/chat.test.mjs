/* Chat templates in the engine: what it takes of a model, and what the full module makes of it. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { renderChat } from '../../build/js/chat.js';
import { compile, Engine } from '../../build/js/engine.js';
import { eventsOf, file, filesOf } from './golden.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const DATE = new Date(2025, 6, 4, 9, 5, 6);
const SOURCE =
  "{{ bos_token }}{% for m in messages %}[{{ m.role }}] {{ m.content }}{% endfor %}{{ eos_token }} {{ strftime_now('%d %b %Y %H:%M:%S') }}";

let engine;
before(async () => {
  engine = await Engine.create();
});

const load = (...more) => engine.load([...filesOf('tiny_llama3'), ...more]);

test('a prompt is put into the words of the template, with the model’s tokens and the date', async () => {
  const model = await load(file('chat_template.jinja', SOURCE));
  const template = model.chatTemplate();
  assert.equal(template.source, SOURCE);
  assert.equal(
    renderChat(engine, template, 'Hi, 안녕 😀', DATE),
    '<s>[user] Hi, 안녕 😀</s> 04 Jul 2025 09:05:06',
  );
  assert.equal(
    renderChat(engine, template, 'Hi', DATE, '짧게 답해.'),
    '<s>[system] 짧게 답해.[user] Hi</s> 04 Jul 2025 09:05:06',
  );
  model.free();
});

test('a text that the template has written gets no further tokens', async () => {
  const model = await load(file('chat_template.jinja', '{{ messages[0].content }}'));
  const nPrompt = async (options) =>
    (await eventsOf(model.generate('The boat', { maxTokens: 1, ...options }))).at(-1).nPrompt;
  assert.equal((await nPrompt({})) - 1, await nPrompt({ isChat: true }));
  model.free();
});

test('a model without a template has none, and a template that fails says why', async () => {
  const plain = await load();
  assert.equal(plain.chatTemplate(), null);
  plain.free();
  const render = (source) => renderChat(engine, { source, config: null, map: null }, 'Hi', DATE);
  assert.throws(() => render("{{ raise_exception('No users') }}"), {
    code: 'input',
    message: 'the chat template refuses the conversation: No users',
  });
  assert.throws(() => render('\n{{ a.b }}'), {
    message: "chat template, line 2: 'a' is undefined",
  });
  assert.throws(() => render("{{ '\\x00' }}"), {
    message: 'the chat template writes a NUL character',
  });
});

test('the module that the page starts with says that it can render none', async () => {
  const small = fs.readFileSync(path.join(root, 'build/wasm/bitloss-simd128.wasm'));
  const first = await Engine.create(await compile(small));
  const template = { source: 'x', config: null, map: null };
  assert.throws(() => renderChat(first, template, 'Hi', DATE), { code: 'unsupported' });
});
