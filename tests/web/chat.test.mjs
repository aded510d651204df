/* A model with a chat template in the page: a prompt is a question to it, unless the reader wants it continued. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { json } from '../cli/command.mjs';
import { laneText, openModel, ready, useBrowser } from './browser.mjs';

const site = useBrowser();
const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const folders = [];
after(() => {
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
});

const TEMPLATE =
  '{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}{{ eos_token }}{% endfor %}{% if add_generation_prompt %}<|assistant|>\n{% endif %}';
const PROMPT = 'Who is Mia?';
const QUERY = `?prompt=${encodeURIComponent(PROMPT)}&max=12&lanes=affine:4:64`;

/** A shipped model with a template of its own. */
function withTemplate(template = TEMPLATE) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'bitloss-chat-'));
  folders.push(dir);
  fs.cpSync(new URL('../../examples/tinyworld/models/0.5M', import.meta.url).pathname, dir, {
    recursive: true,
  });
  if (template) fs.writeFileSync(path.join(dir, 'chat_template.jinja'), template);
  return dir;
}

async function open(dir, query = QUERY) {
  const page = await site.openPage({ query });
  await openModel(
    page,
    fs.readdirSync(dir).map((name) => path.join(dir, name)),
  );
  await ready(page, 0);
  return page;
}

const written = (dir, ...more) =>
  json(['generate', '--model', dir, '--prompt', PROMPT, '-m', '12', ...more]).text;
const chat = (page) => page.getByRole('checkbox', { name: 'Ask in the model’s chat template' });

test('the prompt is asked in the template’s words, as the command does, and can be continued instead', async () => {
  const dir = withTemplate();
  const page = await open(dir);
  assert.equal(await chat(page).isChecked(), true);
  assert.equal(await laneText(page, 0), written(dir));
  await page.getByText('What the model reads').press('Enter');
  const given = page.locator('.given');
  assert.equal(await given.textContent(), `<|user|>\n${PROMPT}<|end|><|assistant|>\n`);
  assert.deepEqual(await given.locator('mark').allTextContents(), [
    '<|user|>',
    '<|end|>',
    '<|assistant|>',
  ]);
  assert.doesNotMatch(page.url(), /raw=/);
  await chat(page).press('Space');
  await page.waitForURL(/[?&]raw=1(&|$)/);
  await given.waitFor({ state: 'detached' });
  assert.equal(await laneText(page, 0), written(dir, '--ignore-chat-template'));
  assert.deepEqual(site.uncaught, []);
});

test('a system prompt goes before it, as the command does, and comes with the link', async () => {
  const dir = withTemplate();
  const page = await open(dir);
  await page.getByText('System prompt').press('Enter');
  await page.getByRole('textbox', { name: 'System prompt' }).fill('Be brief.');
  await page.getByRole('textbox', { name: 'System prompt' }).press('Control+Enter');
  await page.waitForURL(/[?&]system=Be(\+|%20)brief/);
  await page.getByText('What the model reads').press('Enter');
  const wanted = `<|system|>\nBe brief.<|end|><|user|>\n${PROMPT}<|end|><|assistant|>\n`;
  const given = page.locator('.given');
  await given.filter({ hasText: 'Be brief.' }).waitFor();
  assert.equal(await given.textContent(), wanted);
  assert.equal(await laneText(page, 0), written(dir, '--system-prompt', 'Be brief.'));

  const linked = await open(dir, new URL(page.url()).search);
  const box = linked.getByRole('textbox', { name: 'System prompt' });
  assert.equal(await box.inputValue(), 'Be brief.');
  assert.equal(await laneText(linked, 0), written(dir, '--system-prompt', 'Be brief.'));
  // Where the prompt is continued as it is there is none.
  await chat(linked).press('Space');
  await box.waitFor({ state: 'detached' });
  assert.deepEqual(site.uncaught, []);
});

/** What axe finds in the page as it is. */
async function violations(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const result = await window.axe.run(document, { resultTypes: ['violations'] });
    return result.violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.flat().join(' '))}`,
    );
  });
}

test('axe finds nothing at the switch and at what the model reads, light and dark', async () => {
  const dir = withTemplate();
  for (const theme of ['light', 'dark']) {
    const page = await open(dir, `${QUERY}&theme=${theme}&lang=${theme === 'dark' ? 'ko' : 'en'}`);
    await page.locator('details.template summary').press('Enter');
    await page.locator('.given mark').first().waitFor();
    assert.deepEqual(await violations(page), []);
  }
});

test('a link says that the prompt is continued as it is', async () => {
  const dir = withTemplate();
  const page = await open(dir, `${QUERY}&raw=1`);
  assert.equal(await chat(page).isChecked(), false);
  assert.equal(await laneText(page, 0), written(dir, '--ignore-chat-template'));
  await chat(page).press('Space');
  await page.waitForURL((url) => !url.searchParams.has('raw'));
  await page.getByText('What the model reads').waitFor();
  assert.equal(await laneText(page, 0), written(dir));
});

test('a template that refuses says so in the reader’s language, and the prompt can be continued', async () => {
  const dir = withTemplate("{{ raise_exception('Roles must alternate') }}");
  const page = await open(dir);
  const alert = page.locator('bitloss-panel-prompt').getByRole('alert');
  await alert.waitFor();
  assert.match(
    await alert.textContent(),
    /the chat template refuses the conversation: Roles must alternate/,
  );
  await chat(page).press('Space');
  await alert.waitFor({ state: 'detached' });
  assert.equal(await laneText(page, 0), written(dir, '--ignore-chat-template'));
  const korean = await open(dir, `${QUERY}&lang=ko`);
  const said = korean.locator('bitloss-panel-prompt').getByRole('alert');
  await said.waitFor();
  assert.match(await said.textContent(), /채팅 템플릿이 대화를 거부합니다: Roles must alternate/);
  await korean.getByRole('checkbox', { name: '모델의 채팅 템플릿에 담아 묻기' }).waitFor();
});

test('a model without a template has nothing to choose', async () => {
  const dir = withTemplate(null);
  const page = await open(dir);
  assert.equal(await laneText(page, 0), written(dir));
  assert.equal(await chat(page).count(), 0);
});
