/** The words of the map of the matrices, in English. */
export const en = {
  lead: 'One square per weight matrix: layers from left to right, kinds from top to bottom. Deeper colour, more error.',
  scaleLabel: 'SNR',
  mapLabel: (lane: string) =>
    `Signal-to-noise ratio of each matrix in ${lane}. Arrow keys move, the line below tells.`,
  cell: (name: string, format: string, snr: string, share: string) =>
    `${name} · ${format} · SNR ${snr} dB · error ${share}`,
  cellExact: (name: string, format: string) => `${name} · ${format} · no error`,
  kinds: {
    embed: 'embedding',
    head: 'output',
    other: 'other',
  },
  worst: (name: string, snr: string) => `Least exact: ${name}, ${snr} dB`,
  details: 'All tensors as a table',
  lane: 'Lane',
  columns: {
    name: 'Tensor',
    shape: 'Shape',
    format: 'Format',
    size: 'Bytes',
    snr: 'SNR (dB)',
    rmse: 'RMSE',
    maxAbs: 'Largest error',
  },
  unchanged: 'unchanged',
  sortHint: 'Column headings sort; a name opens the matrix.',
  look: (tensor: string) => `Look inside ${tensor}`,
  waiting: 'The map appears when a lane is quantized.',
};

export type TensorsWords = typeof en;
