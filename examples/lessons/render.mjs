/* The lessons as HTML: rows (claims.mjs) and words (en.mjs, ko.mjs) in one markup. A page reads well as it is; its
 * script (lesson.ts) adds the questions' answers, and the elements of v1/bitloss.js the experiments. */
import fs from 'node:fs';
import path from 'node:path';
import { POLICY } from '../../web/policy.mjs';
import { EXERCISE, LANGS, LESSONS, pageOf } from './claims.mjs';
import { en } from './en.mjs';
import { ko } from './ko.mjs';

export const WORDS = { en, ko };
const here = import.meta.dirname;

const ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
/** Also keeps a number and its unit on one line. */
export const escaped = (text) =>
  String(text)
    .replace(/[&<>"]/g, (sign) => ESCAPES[sign])
    .replace(/(\d) (?=(?:GB|kB|dB|nats?)\b)/g, '$1\u00a0');

/** A sentence with the row's figures in it. Throws where it names one that the row has not. */
export function withFigures(sentence, figures) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => {
    if (!Object.hasOwn(figures, name)) throw new Error(`no figure '${name}' for: ${sentence}`);
    return figures[name][0].replace(/^-/, '−');
  });
}

const attributes = (all) =>
  Object.entries(all)
    .map(([name, value]) => ` ${name}="${escaped(value)}"`)
    .join('');

function document({ title, description, lang, scripts, styles, body, className = 'lesson' }) {
  const script = (src) => `<script type="module" src="${src}"></script>`;
  return `<!doctype html>
<html lang="${lang}">
  <head>
    <meta http-equiv="Content-Security-Policy" content="${POLICY}">
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${escaped(title)}</title>
    <meta name="description" content="${escaped(description)}">
    <link rel="icon" href="../icon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="${styles}">
    ${scripts.map(script).join('\n    ')}
  </head>
  <body class="${className}">
${body}
  </body>
</html>
`;
}

/** A question's experiment waits for the guess, and takes no more room until then (lesson.ts). */
const WAITING_HEIGHT = '150';

/** Without a script the element's content is what is read. */
function experiment({ tag, attributes: own }, caption, isAsked) {
  const waits = isAsked
    ? { reveal: 'manual', height: WAITING_HEIGHT, 'data-height': own.height }
    : {};
  return `<${tag}${attributes({ loading: 'lazy', ...own, ...waits })}><p>${escaped(caption)}</p></${tag}>`;
}

function question({ id, range, choices, answer }, t, words) {
  const label = `${id}-question`;
  const [before, after] = words.unit.split('{}');
  const control = range
    ? `<div class="range"><input type="range" name="guess" min="${range.min}" max="${range.max}" step="${range.step}" value="${range.start}" aria-labelledby="${label}">
          <output><span>${escaped(before)}</span><b>${range.start}</b><span>${escaped(after)}</span></output></div>`
    : choices
        .map(
          (choice) =>
            `<label><input type="radio" name="guess" value="${choice}" required> <span>${escaped(words.choices[choice])}</span></label>`,
        )
        .join('\n          ');
  return `<form class="predict" data-answer="${answer}" data-unit="${escaped(words.unit)}" data-guess="${escaped(t.guess)}" data-truth="${escaped(t.truth)}" data-right="${escaped(t.right)}" data-wrong="${escaped(t.wrong)}" data-waiting="${escaped(t.waiting)}" data-cut="${escaped(t.cut)}">
        <p class="label">${escaped(t.question)}</p>
        <p class="question" id="${label}">${escaped(words.question)}</p>
        <fieldset aria-labelledby="${label}">
          ${control}
        </fieldset>
        <button type="submit">${escaped(t.run)}</button>
        <div class="answer" role="status"></div>
      </form>`;
}

/** The cells of a Markdown table's line. */
const cellsOf = (line) =>
  line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replace(/\\(?=[|*_`<\\])/g, ''));

/** A command and what it printed: the columns that the words name, the conditions as they are. */
function printed(file, t, words) {
  const lines = fs.readFileSync(path.join(here, '..', '..', file), 'utf8').split('\n');
  const command = lines.find((line) => line.startsWith('    ')).trim();
  const [headings, , ...rows] = lines.filter((line) => line.startsWith('|')).map(cellsOf);
  const shown = Object.keys(words.columns).map((name) => headings.indexOf(name));
  if (shown.includes(-1)) throw new Error(`${file} lacks one of ${Object.keys(words.columns)}`);
  const names = Object.values(words.columns).map((name) => `<th scope="col">${escaped(name)}</th>`);
  const body = rows.map((cells) => {
    const [first, ...rest] = shown.map((column) => escaped(cells[column] || '–'));
    return `<tr><th scope="row">${first}</th>${rest.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
  });
  const conditions = lines.findLast((line) => line.startsWith('- ')).slice(2);
  return `<div class="results printed" tabindex="0" role="region" aria-label="${escaped(t.table)}"><table><caption>${escaped(t.table)}</caption>
        <thead><tr>${names.join('')}</tr></thead>
        <tbody>${body.join('\n        ')}</tbody></table></div>
        <p>${escaped(t.printed)} ${escaped(conditions)}</p>
        <pre class="printed" tabindex="0"><code>${escaped(command)}</code></pre>`;
}

function row(one, lang) {
  const { page: t, rows } = WORDS[lang];
  const words = rows[one.id];
  const { figures } = one;
  const paragraphs = words.text.map((text) => `<p>${escaped(text)}</p>`).join('\n      ');
  const label = one.claim ? t.claim(one.claim) : t.aside;
  const isAsked = one.answer !== undefined;
  const parts = [
    `<p class="number">${escaped(label)}</p>`,
    `<h2 id="${one.id}-heading">${escaped(words.heading)}</h2>`,
    words.says
      ? `<blockquote><p><span>${escaped(t.says)}</span> ${escaped(words.says)}</p></blockquote>`
      : '',
    paragraphs,
    one.missing
      ? `<p class="missing"><b>${escaped(t.missing)}</b> ${escaped(words.needs)}</p>`
      : '',
    isAsked ? question(one, t, words) : '',
    one.experiments
      ? `<div class="experiments">${one.experiments.map((each) => experiment(each, `${t.experiment}: ${words.caption}`, isAsked)).join('\n        ')}</div>`
      : '',
    one.table
      ? `<div class="results" hidden><table><caption>${escaped(t.table)}</caption>
        <thead><tr>${t.columns.map((name) => `<th scope="col">${escaped(name)}</th>`).join('')}</tr></thead><tbody></tbody></table></div>`
      : '',
    one.link
      ? `<p><a href="${escaped(`../?${new URLSearchParams({ ...one.link, lang, panels: 'bench' })}`)}">${escaped(t.preset)}</a></p>`
      : '',
    words.measured
      ? `<details><summary>${escaped(t.before)}</summary>
        <p class="verdict ${words.verdict}">${escaped(t.verdicts[words.verdict])}</p>
        <p>${escaped(withFigures(words.measured, figures))}</p>
        ${one.printed ? printed(one.printed, t, words) : ''}
      </details>`
      : '',
    words.limit
      ? `<p class="limit"><b>${escaped(t.limit)}</b> ${escaped(withFigures(words.limit, figures))}</p>`
      : '',
  ];
  return `    <section id="${one.id}" aria-labelledby="${one.id}-heading"${one.missing ? ' class="later"' : ''}>
      ${parts.filter(Boolean).join('\n      ')}
    </section>`;
}

const languages = (page, lang) =>
  LANGS.map((other) =>
    other === lang
      ? `<span aria-current="true">${WORDS[other].language}</span>`
      : `<a href="${page(other)}" lang="${other}" hreflang="${other}">${WORDS[other].language}</a>`,
  ).join(' ');

function header(lang, page) {
  const t = WORDS[lang].page;
  return `    <header>
      <nav><a href="../?lang=${lang}">${t.playground}</a> <a href="./#${lang}">${t.lessons}</a></nav>
      <p>${languages(page, lang)}</p>
    </header>`;
}

function lessonPage({ id, rows }, lang) {
  const all = WORDS[lang];
  const { title, lead } = all.lessons[id];
  const contents = rows
    .map((one) => `<li><a href="#${one.id}">${escaped(all.rows[one.id].heading)}</a></li>`)
    .join('\n        ');
  return document({
    title,
    description: lead,
    lang,
    styles: 'lesson.css',
    scripts: ['../v1/bitloss.js', 'lesson.js'],
    body: `${header(lang, (other) => pageOf(id, other))}
    <main>
      <h1>${escaped(title)}</h1>
      <p class="lead">${escaped(lead)}</p>
      <noscript><p class="note">${escaped(all.page.script)}</p></noscript>
      <ol class="contents">
        ${contents}
      </ol>
${rows.map((one) => row(one, lang)).join('\n')}
    </main>
    <footer><p>${escaped(all.page.privacy)}</p></footer>`,
  });
}

function listPage() {
  const part = (lang) => {
    const { list, lessons, foreign } = WORDS[lang];
    const link = (id, words) =>
      `<li><a href="${pageOf(id, lang)}">${escaped(words.title)}</a><p>${escaped(words.lead)}</p></li>`;
    return `      <section id="${lang}" lang="${lang}">
        <h2>${escaped(list.title)}</h2>
        <p class="lead">${escaped(list.lead)}</p>
        <ul class="list">
          ${LESSONS.map(({ id }) => link(id, lessons[id])).join('\n          ')}
        </ul>
        <p>${escaped(list.others)}: <a href="${pageOf('foreign', lang)}">${escaped(foreign.title)}</a>, <a href="../?lang=${lang}">${escaped(list.page)}</a></p>
      </section>`;
  };
  return document({
    title: `${ko.list.title} · ${en.list.title}`,
    description: en.list.lead,
    lang: 'en',
    styles: 'lesson.css',
    scripts: ['lesson.js'],
    body: `    <main>
      <h1>bitloss</h1>
${LANGS.map(part).join('\n')}
    </main>`,
  });
}

/** Somebody else's page: nothing of the lessons' style sheet, and the elements as any page has them. */
function foreignPage(lang) {
  const t = WORDS[lang].foreign;
  const { model: _, ...rest } = EXERCISE;
  const element = (className) =>
    experiment(
      {
        tag: 'bitloss-lanes',
        attributes: {
          class: className,
          ...rest,
          model: 'tinyworld-0.5M',
          lanes: 'affine:4:64',
          max: '24',
          theme: 'light',
          height: '560',
        },
      },
      t.caption,
      false,
    );
  return document({
    title: t.title,
    description: t.lead,
    lang,
    styles: 'foreign.css',
    scripts: ['../v1/bitloss.js', 'lesson.js'],
    className: 'foreign',
    body: `${header(lang, (other) => pageOf('foreign', other))}
    <main>
      <h1>${escaped(t.title)}</h1>
      <p>${escaped(t.lead)}</p>
      <h2>${escaped(t.first)}</h2>
      <p>${escaped(t.firstText)}</p>
      <button type="button">${escaped(t.button)}</button>
      <table><tbody><tr><th>Q8</th><td>8.5</td></tr><tr><th>Q4</th><td>4.5</td></tr></tbody></table>
      ${element('plain')}
      <h2>${escaped(t.second)}</h2>
      <p>${escaped(t.secondText)}</p>
      ${element('ours')}
    </main>`,
  });
}

/** Every page by its file's name. */
export function pages() {
  const all = [['index.html', listPage()]];
  for (const lang of LANGS) {
    for (const lesson of LESSONS) all.push([pageOf(lesson.id, lang), lessonPage(lesson, lang)]);
    all.push([pageOf('foreign', lang), foreignPage(lang)]);
  }
  return Object.fromEntries(all);
}

/** Writes the pages and their style sheets; the script is bundled with the site's. */
export function writeLessons(folder) {
  fs.mkdirSync(folder, { recursive: true });
  for (const [name, html] of Object.entries(pages()))
    fs.writeFileSync(path.join(folder, name), html);
  for (const name of ['lesson.css', 'foreign.css'])
    fs.copyFileSync(path.join(here, name), path.join(folder, name));
}
