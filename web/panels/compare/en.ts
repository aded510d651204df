/** The words of size against error, in English. */
import { tokens } from '../../i18n/en.ts';

export const en = {
  lead: 'Up is more exact, left is smaller. One more bit halves the rounding step: about +6 dB.',
  xAxis: 'bits per weight',
  yAxis: 'SNR (dB)',
  plotLabel: 'Signal-to-noise ratio against bits per weight, one point per lane',
  point: (lane: string, bits: string, snr: string) =>
    `${lane}: ${bits} bits per weight, SNR ${snr} dB`,
  exact: (lane: string, bits: string) => `${lane}: ${bits} bits per weight, no error`,
  referenceLine: (bits: string) => `reference, ${bits} bits`,
  noError: 'no error',
  sizes: 'Size of all tensors',
  twoTexts: 'Two texts',
  left: 'Left',
  right: 'Right',
  noText: 'No text yet.',
  agree: (n: string) =>
    n === '0' ? 'Neither wrote anything.' : `The two agree on all ${tokens(n)}.`,
  agreeSoFar: (n: string) => `The two agree so far: ${tokens(n)}.`,
  differ: (position: string, left: string, right: string) =>
    `They part at token ${position}: ${left} on the left, ${right} on the right.`,
};

export type CompareWords = typeof en;
