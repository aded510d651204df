/** The words of the table of everything, in English. */
export const en = {
  lead: 'A row for each lane, then one for each recipe that the sweep has measured. A press on a heading puts the rows in its order.',
  tableLabel: 'All figures',
  sortBy: (column: string) => `Put in the order of: ${column}`,
  notMeasured: 'not measured',
  otherText: 'another text',
  nothing: 'the reference',
  swept: 'swept',
  conditions: (model: string, text: string, n: string) =>
    `${model}. Text: ${text}, ${n} tokens scored.`,
  noText: (model: string) => `${model}. No text has been read yet.`,
  reading:
    '± is one standard error, brackets hold 95% intervals. KL divergence and logits are from the reference, divergence in nats per token.',
  copied:
    'What is copied is as “bitloss compare --format md” and “--format csv” write it, in English as there; the CSV has all digits.',
  bySkill: 'Right answers by skill',
  skillLabel: 'Right answers by skill and language',
  skill: 'Skill',
  language: 'Language',
  items: 'Questions',
  languages: { en: 'English', ko: 'Korean' },
  noQuestions: 'No questions have been asked yet: the skills’ panel asks them.',
  toSkills: 'To the skills',
  noneListed: 'This model has no questions that it could be asked here.',
};

export type TablePanelWords = typeof en;
