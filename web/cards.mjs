/* What is known of the models that ship before any of them is opened: the tables of their cards
 * (examples/tinyworld/models), as they were measured, for a poster and for a snippet. */
import fs from 'node:fs';
import path from 'node:path';

const ROW = /^\| (reference|affine:(\d+):64) \| ([\d.]+) \| ([\d.]+) kB \| ([\d.]+) \| ([\d.]+) \|/;

/** By a model's id: { name, rows }; see cards.d.mts. */
export function cardsIn(folder) {
  const listed = JSON.parse(fs.readFileSync(path.join(folder, 'index.json'), 'utf8'));
  return Object.fromEntries(
    listed.map(({ id, name, files }) => {
      const card = path.join(folder, path.dirname(files[0]), 'README.md');
      const rows = fs
        .readFileSync(card, 'utf8')
        .split('\n')
        .flatMap((line) => {
          const [, recipe, bits, , kilobytes, en, ko] = ROW.exec(line) ?? [];
          const bytes = Number(kilobytes) * 1000;
          return recipe ? [{ recipe, bits, bytes, en: Number(en), ko: Number(ko) }] : [];
        });
      if (rows[0]?.recipe !== 'reference' || rows.length < 2)
        throw new Error(`${card} has no table of recipes with sizes and shares of right answers`);
      return [id, { name, rows }];
    }),
  );
}
