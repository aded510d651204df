// Draws a training run's log.csv as an SVG: the smoothed training loss and the held-out loss against
// the tokens seen, both axes logarithmic.
//
//   node examples/tinyworld/curve.mjs MODEL/log.csv > MODEL/loss.svg
import fs from 'node:fs';

const [file] = process.argv.slice(2);
if (!file) {
  console.error('usage: curve.mjs LOG.csv');
  process.exit(2);
}
const [header, ...lines] = fs.readFileSync(file, 'utf8').trim().split('\n');
const columns = header.split(',');
const rows = lines.map((line) => {
  const cells = line.split(',');
  return Object.fromEntries(
    columns.map((name, i) => [name, cells[i] === '' ? null : Number(cells[i])]),
  );
});
const [tokens, smoothed, heldOut] = ['tokens', 'smoothed_loss', 'validation_loss'];
for (const name of [tokens, smoothed, heldOut]) {
  if (!columns.includes(name))
    throw new Error(`${file}: column ${name} is missing, found ${header}`);
}

const [width, height, left, bottom, top, right] = [640, 360, 56, 44, 20, 96];
const shown = rows.filter((row) => row[tokens] >= 2e5);
const span = (values) => [Math.min(...values), Math.max(...values)];
const [x0, x1] = span(shown.map((row) => row[tokens])).map(Math.log);
const losses = shown.flatMap((row) => [row[smoothed], row[heldOut]]).filter((v) => v !== null);
const [y0, y1] = span(losses).map(Math.log);
const x = (v) => left + ((Math.log(v) - x0) / (x1 - x0)) * (width - left - right);
const y = (v) => height - bottom - ((Math.log(v) - y0) / (y1 - y0)) * (height - bottom - top);
const path = (name) =>
  shown
    .filter((row) => row[name] !== null)
    .map(
      (row, i) => `${i === 0 ? 'M' : 'L'}${x(row[tokens]).toFixed(1)} ${y(row[name]).toFixed(1)}`,
    )
    .join('');
const text = (px, py, anchor, content, colour = '#555') =>
  `<text x="${px.toFixed(1)}" y="${py.toFixed(1)}" text-anchor="${anchor}" fill="${colour}">${content}</text>`;

const parts = [];
for (const tick of [0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.5, 2, 3, 4, 6].filter(
  (v) => Math.log(v) >= y0 && Math.log(v) <= y1,
)) {
  parts.push(
    `<path d="M${left} ${y(tick).toFixed(1)}H${width - right}" stroke="#ddd"/>`,
    text(left - 8, y(tick) + 4, 'end', String(tick)),
  );
}
for (const tick of [3e5, 1e6, 3e6, 1e7, 3e7, 1e8, 3e8, 1e9].filter(
  (v) => Math.log(v) >= x0 && Math.log(v) <= x1,
)) {
  parts.push(
    text(
      x(tick),
      height - bottom + 18,
      'middle',
      tick >= 1e6 ? `${tick / 1e6}M` : `${tick / 1e3}k`,
    ),
  );
}
const last = shown.at(-1);
const lastHeld = shown.filter((row) => row[heldOut] !== null).at(-1);
parts.push(
  `<path d="${path(smoothed)}" fill="none" stroke="#2b66b8" stroke-width="1.5"/>`,
  `<path d="${path(heldOut)}" fill="none" stroke="#8a6400" stroke-width="2"/>`,
  text(
    width - right + 6,
    y(last[smoothed]) + 12,
    'start',
    `training ${last[smoothed].toFixed(3)}`,
    '#2b66b8',
  ),
  text(
    width - right + 6,
    y(lastHeld[heldOut]) - 6,
    'start',
    `held out ${lastHeld[heldOut].toFixed(3)}`,
    '#8a6400',
  ),
  text((left + width - right) / 2, height - 8, 'middle', 'tokens seen'),
  text(left, 12, 'start', 'loss, nats per token'),
);
console.log(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" role="img" aria-label="Loss against tokens seen">
<rect width="${width}" height="${height}" fill="#fff"/>
${parts.join('\n')}
</svg>`);
