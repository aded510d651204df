/** What the columns of the tables are called, and how they are copied, in English. */
export const en = {
  headings: {
    recipe: 'Recipe',
    size: 'Size',
    bits: 'Bits per weight',
    rmse: 'Weight error (RMSE)',
    snr: 'Weight SNR',
    speed: 'Tokens per second',
    ppl: 'Perplexity',
    lnRatio: 'ln of its ratio',
    kl: 'KL divergence',
    kl99: 'KL, 99%',
    sameTop: 'Same top token',
    logitDiff: 'Mean |Δ logit|',
    right: 'Right answers',
    points: 'Points lost or won',
    verdict: 'Verdict',
  },
  exact: 'exact',
  copy: 'Copy as',
  copied: (what: string) => `${what} copied.`,
  notCopied: 'The browser did not let the page copy. Here it is, to copy by hand:',
};

export type TableWords = typeof en;
