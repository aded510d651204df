/** The words of the way through the layers, in English. */
export const en = {
  lead: 'A model keeps a vector for every token, the hidden state; each layer reads it and adds to it. Here the prompt runs through the reference and through each lane. How far has the lane’s vector moved away after each layer, and what would the model say next if it ended there?',
  read: (end: string, n: string) => `“${end}”: ${n} tokens, of which the last is looked at.`,
  noPrompt: 'Write a prompt: it is what runs through the layers.',
  waiting: 'The layers appear when a lane is quantized.',
  noLanes: 'Add a lane: its layers are held against the reference’s.',
  running: (lane: string) => `${lane}: following the prompt`,
  stop: 'Stop',
  again: 'Look into the layers',
  never: (lane: string) => `${lane} would say the same token as the reference after every layer.`,
  fromStart: (lane: string) =>
    `${lane} would say another token than the reference from the embedding on`,
  afterEmbedding: (lane: string) =>
    `After the embedding ${lane} would say the same token as the reference, after layer 1 another`,
  upTo: (lane: string, layer: string, next: string) =>
    `Up to layer ${layer} ${lane} would say the same token as the reference, after layer ${next} another`,
  endsSame: '; in the end it says the same.',
  broken: (lane: string) => `${lane}: its hidden states are not numbers.`,
  distanceOf: 'Distance of',
  ofLast: 'the last token',
  ofAll: 'all tokens',
  chartLabel: (lanes: string) =>
    `Distance from the reference after each layer: ${lanes}. Arrow keys move from layer to layer, the line below tells.`,
  chartHint: 'Point at a layer, or move with the arrow keys.',
  distanceAxis: 'distance from the reference',
  filled: 'would say the same token',
  hollow: 'would say another',
  embedding: 'embedding',
  layer: (n: string) => `layer ${n}`,
  after: 'After',
  distance: 'Distance',
  referenceSays: 'Reference would say',
  laneSays: (lane: string) => `${lane} would say`,
  caption: (lane: string) => `${lane}: what each layer would say next`,
  prediction: 'prediction',
  other: 'other token',
  notNumbers: 'not a number',
  infinite: 'infinite',
  likeliest: 'Likeliest tokens',
  bytes:
    'In a token <EC> stands for one byte: a part of a character that several tokens make together.',
  cosine: (value: string) => `cosine ${value}`,
  kl: (value: string) => `KL divergence ${value} nats`,
  allDistance: (value: string) => `distance over all tokens ${value}`,
  lastDistance: (value: string) => `distance of the last token ${value}`,
  ofReferenceToken: (lane: string, token: string, p: string) => `${lane} gives “${token}” ${p}`,
  aboutHeading: 'What this shows, and how far it carries',
  about: [
    'What runs through the model, each layer adding to it, is called the residual stream. Distance is the length of the difference over the length of the reference’s vector: 0 is no difference, 1 is as far as that vector is long; over all tokens it is the root of the mean square.',
    'What a layer would say is read by the logit lens: the model’s own final norm and output matrix, put on the state after that layer instead of the last. After the last layer this is the model’s prediction. Before it, it is a reading and no more: no layer was trained to be read so, and in many models the first ones read as nonsense. A model whose input and output are one matrix says after the embedding the token that it has just read.',
    'Far is not yet wrong, nor is near right: a vector may move where later layers do not look, and a small step may tip a close decision. Three layers of a tiny model show how it goes, not what happens in the eighty of a large one. And this is one prompt: the loss over a text stands with the lanes.',
  ],
};

export type LayersWords = typeof en;
