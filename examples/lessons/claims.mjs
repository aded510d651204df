/* The two lessons as rows: what each claim is asked with, which experiment answers it, and the figures that its
 * text quotes, each with the line of this repository that it stands in. No words: those are in en.mjs and ko.mjs,
 * under the same ids. A row that is `missing` has no experiment yet and says what it needs. A row that is
 * `printed` shows what the terminal wrote into a file: a command, and the table in Markdown that it printed.
 *
 * A question is a range, or a choice among ids that the words name; `answer` is a name in answers.ts. */

const README = 'examples/tinyworld/README.md';
const CARD = 'examples/tinyworld/models/2M/README.md';
const SPEEDS = 'tests/bench/README.md';
const EXERCISE_TABLE = 'examples/tinyworld/classifier/exercise.md';
const ERRORS = 'examples/evaluation/results.md';

const MODEL = 'tinyworld-2M';
const sizes = (recipes) => ({
  tag: 'bitloss-compare',
  attributes: { model: MODEL, lanes: recipes, max: '32', height: '560' },
});
const onText = (model, text, recipe) => ({
  tag: 'bitloss-lanes',
  attributes: { model, text, lanes: recipe, max: '16', height: '560' },
});

/** What the first lesson's exercise is done with; also a link to the whole page. */
export const EXERCISE = {
  model: MODEL,
  lanes: 'affine:4:32,affine:4:128,affine:8:64',
  prompt: 'It was a windy morning, and hats were flying over the market.',
  max: '80',
  temp: '0',
};

export const LESSONS = [
  {
    id: 'q4-q8',
    rows: [
      {
        id: 'memory',
        claim: 2,
        range: { min: 1, max: 14, step: 0.1, start: 7 },
        answer: 'memory',
        experiments: [
          { tag: 'bitloss-budget', attributes: { model: 'tinyworld-0.5M', height: '620' } },
        ],
        figures: {},
      },
      {
        id: 'inside',
        experiments: [
          {
            tag: 'bitloss-microscope',
            attributes: { model: MODEL, lanes: 'affine:4:64', max: '8', height: '640' },
          },
        ],
        figures: {},
      },
      {
        id: 'size',
        claim: 1,
        range: { min: 30, max: 80, step: 1, start: 65 },
        answer: 'size',
        experiments: [sizes('affine:8:64,affine:4:64')],
        figures: {
          eight: ['2094 kB', CARD, '| affine:8:64 | 8.51 | 2094 kB |'],
          four: ['1111 kB', CARD, '| affine:4:64 | 4.51 | 1111 kB |'],
          eightBits: ['8.51', CARD, '| affine:8:64 | 8.51 | 2094 kB |'],
          fourBits: ['4.51', CARD, '| affine:4:64 | 4.51 | 1111 kB |'],
        },
      },
      {
        id: 'speed',
        claim: 3,
        choices: ['four', 'same', 'eight'],
        answer: 'speed',
        experiments: [
          {
            tag: 'bitloss-lanes',
            attributes: {
              model: MODEL,
              lanes: 'affine:8:64,affine:4:64',
              max: '32',
              height: '620',
            },
          },
        ],
        figures: {
          stored: ['34', SPEEDS, '| bitloss in Chromium 156, as stored | 1 | 108 | 34 |'],
          four: ['42', SPEEDS, '| bitloss in Chromium 156, affine:4:64 | 1 | 114 | 42 |'],
        },
      },
      {
        id: 'language',
        claim: 4,
        choices: ['english', 'same', 'korean'],
        answer: 'language',
        experiments: [
          onText(MODEL, 'world-en', 'affine:4:64'),
          onText(MODEL, 'world-ko', 'affine:4:64'),
        ],
        figures: {
          klEnglish: ['0.0092', README, '| 0.049 | 0.19 | 0.0092 | 0.023 |'],
          klKorean: ['0.023', README, '| 0.049 | 0.19 | 0.0092 | 0.023 |'],
          counting: ['87.0', CARD, '| counting | en | 200 | 87.0 '],
          counting4: [
            '66.5',
            CARD,
            '| counting | en | 200 | 87.0 [81.6, 91.0] | 86.5 | 89.0 | 84.0 | 66.5 |',
          ],
          recall4: [
            '100.0',
            CARD,
            '| long_recall | en | 200 | 99.5 [97.2, 99.9] | 99.5 | 99.5 | 99.5 | 100.0 |',
          ],
          recall: ['99.5', CARD, '| long_recall | en | 200 | 99.5 '],
          steps: ['93.5', CARD, '| steps3 | en | 200 | 93.5 '],
          steps4: [
            '94.5',
            CARD,
            '| steps3 | en | 200 | 93.5 [89.2, 96.2] | 93.5 | 94.0 | 94.0 | 94.5 |',
          ],
        },
      },
      {
        id: 'small',
        claim: 5,
        range: { min: 1, max: 12, step: 0.1, start: 1 },
        answer: 'small',
        experiments: [
          onText('tinyworld-0.5M', 'world-en', 'affine:4:64'),
          onText(MODEL, 'world-en', 'affine:4:64'),
        ],
        figures: {
          half: ['0.049', README, '| `affine:4:64` | 4.51 | 0.049 |'],
          two: ['0.0092', README, '| 0.049 | 0.19 | 0.0092 | 0.023 |'],
          eight: ['0.0025', README, '| 0.0092 | 0.023 | 0.0025 | 0.0026 |'],
          halfPoints: ['-1.9', README, '| affine:4:64 | 4.51 | 55.3 | 18.4 | -1.9 '],
          twoPoints: ['-3.2', README, '| 91.1 | 51.1 | -3.2 '],
          eightPoints: ['-0.7', README, '| 94.2 | 70.7 | -0.7 '],
        },
      },
      {
        id: 'exercise',
        claim: 11,
        choices: ['group32', 'group128', 'eight'],
        answer: 'exercise',
        experiments: [
          {
            tag: 'bitloss-playground',
            attributes: { ...EXERCISE, view: 'lanes,compare', height: 'auto' },
          },
        ],
        table: true,
        link: EXERCISE,
        figures: {
          group32: ['5.01', CARD, '| affine:4:32 | 5.01 |'],
          group128: ['4.26', README, '| `affine:4:128` | 4.26 |'],
          eight: ['8.51', CARD, '| affine:8:64 | 8.51 |'],
        },
      },
    ],
  },
  {
    id: 'int8-int4',
    rows: [
      {
        id: 'numbers',
        experiments: [{ tag: 'bitloss-numbers', attributes: { height: '640' } }],
        figures: {},
      },
      { id: 'products', claim: 7, missing: true, figures: {} },
      {
        id: 'accuracy',
        claim: 8,
        range: { min: 0, max: 10, step: 0.1, start: 5 },
        answer: 'accuracy',
        experiments: [
          {
            tag: 'bitloss-skills',
            attributes: { model: MODEL, lanes: 'int8', max: '8', height: '640' },
          },
        ],
        figures: {
          points: ['-0.2', CARD, '| affine:8:64 | 8.51 | 2094 kB | 93.2 | 55.0 | -0.2 '],
          tasks: ['5,376', CARD, 'on the same 5,376 items'],
          row: [
            '41.1',
            ERRORS,
            '| `int8` | 8.13 | 0.000454 | 41.7 | 8.05 | 0.00163 | 41.0 | 8.08 | 0.000509 | 41.1 |',
          ],
          int8: ['41.7', ERRORS, '| `int8` | 8.13 | 0.000454 | 41.7 |'],
          groups: ['45.0', ERRORS, '| `q8_0` | 8.51 | 0.000313 | 45.0 |'],
          tensor: ['21.9', ERRORS, '| 0.00468 | 21.9 |'],
        },
      },
      {
        id: 'ways',
        claim: 9,
        experiments: [{ tag: 'bitloss-ways', attributes: { model: MODEL, height: '1100' } }],
        figures: {},
      },
      { id: 'where', claim: 10, missing: true, figures: {} },
      {
        id: 'groups',
        claim: 6,
        range: { min: 100, max: 250, step: 1, start: 200 },
        answer: 'groups',
        experiments: [sizes('affine:4:32,affine:4:64,affine:4:128')],
        figures: {
          kl32: ['0.0052', README, '| `affine:4:32` | 5.01 | 0.034 | 0.15 | 0.0052 |'],
          kl64: ['0.0092', README, '| 0.049 | 0.19 | 0.0092 | 0.023 |'],
          kl128: ['0.011', README, '| `affine:4:128` | 4.26 | 0.070 | 0.23 | 0.011 |'],
          bits32: ['5.01', README, '| `affine:4:32` | 5.01 |'],
          bits64: ['4.51', README, '| `affine:4:64` | 4.51 |'],
          bits128: ['4.26', README, '| `affine:4:128` | 4.26 |'],
        },
      },
      {
        id: 'deploy',
        claim: 12,
        choices: ['int8', 'four', 'three', 'two', 'none'],
        answer: 'deploy',
        experiments: [{ tag: 'bitloss-classify', attributes: { height: '720' } }],
        printed: EXERCISE_TABLE,
        figures: {
          size: ['1.1 MB', EXERCISE_TABLE, '| reference | 1.1 MB'],
          int8Size: ['552 kB', EXERCISE_TABLE, '| qint8@int8 | 552 kB'],
          reference: [
            '100.0%',
            EXERCISE_TABLE,
            '| reference | 1.1 MB | 16.00 | 0.96 ms | 3.41 ms | 10.6 ms | 100.0%',
          ],
          int8: [
            '100.0%',
            EXERCISE_TABLE,
            '| qint8@int8 | 552 kB | 8.32 | 1.19 ms | 4.08 ms | 13.3 ms | 100.0%',
          ],
          time: ['0.96 ms', EXERCISE_TABLE, '| reference | 1.1 MB | 16.00 | 0.96 ms'],
          int8Time: ['1.19 ms', EXERCISE_TABLE, '| qint8@int8 | 552 kB | 8.32 | 1.19 ms'],
          threeLogits: [
            '0.633',
            EXERCISE_TABLE,
            '| affine:3:128 | 223 kB | 3.36 | 0.94 ms | 10.7 ms | 18.5 ms | 100.0% [99.6, 100.0] | +0.0 [-0.4, +0.4] | 0.633',
          ],
          three: [
            '100.0%',
            EXERCISE_TABLE,
            '| affine:3:128 | 223 kB | 3.36 | 0.94 ms | 10.7 ms | 18.5 ms | 100.0%',
          ],
          twoLogits: [
            '1.585',
            EXERCISE_TABLE,
            '| affine:2:128 | 157 kB | 2.37 | 1.82 ms | 11.1 ms | 20.2 ms | 98.8% [97.9, 99.3] | -1.2 [-2.1, -0.6] | 1.585',
          ],
          two: [
            '98.8%',
            EXERCISE_TABLE,
            '| affine:2:128 | 157 kB | 2.37 | 1.82 ms | 11.1 ms | 20.2 ms | 98.8%',
          ],
          matrix: [
            '48.7%',
            EXERCISE_TABLE,
            '| tensor:2 | 170 kB | 2.55 | 1.39 ms | 13.0 ms | 21.6 ms | 48.7%',
          ],
        },
      },
    ],
  },
];

export const ROWS = LESSONS.flatMap(({ rows }) => rows);
export const LANGS = ['ko', 'en'];

/** The page of a lesson, as index.html links to it. */
export const pageOf = (id, lang) => `${id}.${lang}.html`;
