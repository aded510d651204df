/* The lessons' words in English, under the ids of claims.mjs. `{name}` is a figure of the row; `{}` in a sentence that
 * the page fills in is a number or a choice. */
export const en = {
  language: 'English',
  site: 'bitloss',
  list: {
    title: 'What quantization loses: two lessons',
    lead: 'Each claim of two lessons on quantization as an experiment: predict first, run it in this page, and see the measured figure beside your guess.',
    others: 'Also',
    page: 'The playground with everything in it',
  },
  page: {
    playground: 'The playground',
    lessons: 'All lessons',
    claim: (n) => `Claim ${n} of 12`,
    aside: 'Look inside',
    missing: 'Not there yet',
    says: 'The lesson says',
    question: 'Your prediction',
    run: 'Predict, and run the experiment',
    experiment: 'Experiment',
    before: 'What was measured before you came',
    limit: 'How far it carries',
    guess: 'Your guess: {}',
    truth: 'Measured here: {}',
    waiting: 'Measuring. The answer appears here, beside your guess.',
    cut: 'The experiment did not load. Check the connection, then load this page again.',
    right: 'You were right.',
    wrong: 'It turned out differently.',
    script: 'The experiments need JavaScript. What was measured beforehand can be read without.',
    verdicts: {
      agrees: 'Our measurement agrees',
      partly: 'Our measurement agrees in part',
      differs: 'Our measurement differs',
    },
    table: 'The finished table',
    columns: [
      'version',
      'size, MB',
      'bits per weight',
      'weight error, %',
      'KL divergence, nats per token',
    ],
    printed: 'Printed by the terminal, not measured in this page:',
    preset: 'The same experiment as a link, with everything that the playground has',
    privacy: 'Everything runs in this tab; nothing is uploaded.',
  },
  lessons: {
    'q4-q8': {
      title: 'Quantization: Q4, Q8, and what is really lost',
      lead: 'A model is numbers. Write each of them with fewer bits and the file shrinks; what shrinks with it is what this lesson measures, on models small enough to run in front of you.',
    },
    'int8-int4': {
      title: 'From fp32 to int8 and int4',
      lead: 'Fewer bits cost a little accuracy and buy size, and on the right hardware speed. How little, and where it goes wrong, can be counted.',
    },
  },
  rows: {
    memory: {
      heading: 'How much memory does a 7B model need?',
      says: 'A 7B model needs about 14 GB at fp16, 7 GB at Q8 and 3.5 GB at Q4.',
      text: [
        'Sixteen bits are two bytes, so seven thousand million weights are 14 GB. Half the bits, half the bytes. But Q4 does not store four bits for each weight and nothing else.',
      ],
      question: 'How many GB are 7,000,000,000 weights at Q4 in groups of 64?',
      unit: '{} GB',
      caption:
        'A calculator: any number of parameters, bit width, group size and length of context.',
      verdict: 'partly',
      measured:
        'Four bits for a weight, and a scale and a bias of 16 bits for every 64 of them: 4.5 bits a weight, 3.94 GB. Q8 is 8.5 bits, 7.44 GB. 3.5 GB would be the codes alone.',
      limit:
        'This is arithmetic, so it holds for any size. A running model also needs its key-value cache: the calculator adds it. “7B” is a name, too: Llama 2 7B has 6.7 thousand million weights.',
    },
    inside: {
      heading: 'What Q4 stores',
      text: [
        'A group of 64 neighbouring weights shares one scale and one bias. Each weight keeps a code from 0 to 15, and is read back as scale × code + bias.',
        'Open a group below: bars are the weights as they were and as they come back. Drag the scale away from where the format puts it and the error rises.',
      ],
      caption: 'A matrix of the model, one group of it, its codes bit by bit.',
    },
    size: {
      heading: 'Is Q4 half of Q8?',
      says: 'Q4 is roughly half the size of Q8.',
      text: ['Four is half of eight. The scales and biases stay as they are, at either width.'],
      question: 'How large is Q4, in per cent of Q8? Both in groups of 64.',
      unit: '{}%',
      caption: 'The same model at Q8 and Q4, with its size counted byte by byte.',
      verdict: 'agrees',
      measured:
        'With TinyWorld 2M, {eight} at Q8 and {four} at Q4: 53%, not 50. {fourBits} against {eightBits} bits for each weight, where the half bit is scale and bias, and a hundredth are norms that nobody quantizes.',
      limit:
        'Sizes are exact. The ratio is the same for a model of any size, as long as all its matrices are quantized.',
    },
    speed: {
      heading: 'Which one is faster?',
      says: 'Treat Q4 and Q8 as about equally fast: less memory to read, more work to unpack.',
      text: [
        'It is your machine that answers. Close what else is running; a busy one tells little.',
      ],
      question: 'Which writes more tokens a second on this machine?',
      choices: { four: 'Q4', same: 'The same, within a tenth', eight: 'Q8' },
      unit: '{}: Q4 writes {x} times as many tokens a second as Q8',
      caption: 'The same model at Q8 and Q4, each timed by itself.',
      verdict: 'partly',
      measured:
        'It depends on the model and the machine, and not on bits alone. SmolLM2, 135 million weights, wrote {four} tokens a second in one 4-bit format (affine) and {stored} in another (Q4_1), one thread in Chromium. For Q8 nothing but the experiment above was measured.',
      limit:
        'The model here fits into a processor’s cache, so memory hardly matters. With a 7B model reading the weights is most of the work, and Q4 has half as much to read.',
    },
    language: {
      heading: 'What is lost first?',
      says: 'Q4 loses a little on most tasks; more in long reasoning and in languages with little data.',
      text: [
        'TinyWorld read about nine tokens of English for each token of Korean. Whether 4 bits cost Korean more can be measured: KL divergence says how far the predictions of the rounded model are from those of the original, token by token.',
      ],
      question: 'At 4 bits, in which language do predictions move further?',
      choices: { english: 'English', same: 'The same, within a tenth', korean: 'Korean' },
      unit: '{}: the divergence in Korean is {x} times that in English',
      caption: 'The same stories’ world, read in English and in Korean, at Q4.',
      verdict: 'partly',
      measured:
        'Korean: {klKorean} nats a token against {klEnglish} in English, as the lesson says. Long reasoning did not: three steps of reasoning went from {steps}% to {steps4}%, recall over a long text from {recall}% to {recall4}%, no difference that 200 questions show. What broke was counting, from {counting}% to {counting4}%.',
      limit:
        'One family of small models that one program’s world taught. Which skill goes first may differ in a large model; that some skills go long before others, and that the average hides it, does not need a large one.',
    },
    small: {
      heading: 'Do small models lose more?',
      says: 'Very small models sometimes suffer more at Q4 than large ones: fewer parameters to absorb the error.',
      text: [
        'TinyWorld comes in three sizes that learned the same world: half a million, two million and eight million weights.',
      ],
      question:
        'How many times as far do the predictions of the 0.5M model move at Q4, compared with the 2M model?',
      unit: '{} times',
      caption: 'The 0.5M model and the 2M model at Q4, on the same English stories.',
      verdict: 'partly',
      measured:
        'In divergence yes, and in order: {half}, {two} and {eight} nats a token for 0.5M, 2M and 8M. In right answers no: {halfPoints}, {twoPoints} and {eightPoints} points. The smallest lost fewer points than the middle one, because it had less to lose.',
      limit:
        'Eight million weights are still a thousandth of a 7B model. The trend is measured over a factor of sixteen; that it goes on to 1B and 7B is what the lesson says, not what is shown here.',
    },
    exercise: {
      heading: 'Exercise: three versions, one prompt',
      says: 'Convert a small model to Q4 g32, Q4 g128 and Q8 g64, give each the same prompt, greedily, and compare sizes and texts.',
      text: [
        'All three are set up below: one prompt, no randomness, 80 tokens. Read before you look at the figures. Where a text first departs from the original’s, the token is marked.',
      ],
      question: 'In which of the three are the weights furthest from the original?',
      choices: { group32: 'Q4, group 32', group128: 'Q4, group 128', eight: 'Q8, group 64' },
      unit: '{}: weights off by {x}% on average',
      caption: 'Three versions of TinyWorld 2M, their texts side by side, and size against error.',
      verdict: 'agrees',
      measured:
        'Q4 g32 has {group32} bits a weight, Q4 g128 {group128} and Q8 g64 {eight}. Reading one text rarely tells Q8 from the original; it does not tell which Q4 is better either. That takes hundreds of questions.',
      limit:
        'One prompt is an anecdote: another prompt, another place where the texts part. For a verdict use the questions and the texts of the playground.',
    },
    numbers: {
      heading: 'What a number format can hold',
      text: [
        'fp32, fp16, bf16, int8, int4: the same number, with fewer bits to say it. Type one and see each format round it, or press a bit and see what it is worth.',
      ],
      caption: 'Number formats bit by bit.',
    },
    products: {
      heading: 'Are int8 products four times as fast?',
      says: 'Modern hardware multiplies int8 matrices much faster than fp32, sometimes four times.',
      text: [
        'The core has integer products, and recipes that end in @int8 use them. Nothing in the page times the two kernels beside each other yet.',
      ],
      needs: 'a panel that times the fp32 and the int8 product alone, on shapes of real models.',
    },
    accuracy: {
      heading: 'Does int8 cost less than one per cent?',
      says: 'A well quantized int8 model usually loses less than 1% on a standard benchmark.',
      text: [
        'int8 here is torchao’s: one scale for each row of a matrix. The experiment asks both versions the same questions; press the button in it that says “Ask … of each”, and give it a minute.',
      ],
      question: 'How many points of 100 does the int8 version lose?',
      unit: '{} points',
      caption: 'The original and int8, asked the same questions with one right answer each.',
      verdict: 'agrees',
      measured:
        'With Q8 in groups of 64 the change over {tasks} questions is {points} points, which is within the noise. int8 is a little coarser: it keeps {int8} dB of signal of TinyWorld 2M’s weights, 8 bits in groups of 32 (q8_0) {groups} dB.',
      limit:
        'It depends on the scale’s reach. For MiniLM, an encoder with a few very large weights, a scale for each row keeps {row} dB of signal, one for a whole matrix {tensor} dB. “int8” alone does not say which.',
    },
    ways: {
      heading: 'Dynamic, static, or trained for it?',
      says: 'Dynamic, static and quantization-aware training: each more effort than the one before, and more accurate.',
      text: [
        'One model made smaller in several ways, with the same text and questions at the end: rounded, dynamic int8, codes chosen by what a text shows (GPTQ and the best chain known), and trained through its rounding. Guess first; what the figures say of the order stands below the table. Static int8 has no row there.',
      ],
      caption: 'Ways to fewer bits side by side: effort, size, loss.',
    },
    where: {
      heading: 'Where does it help, and where not?',
      says: 'It helps large feed-forward layers and embeddings, and hurts small models with many small operations.',
      text: [
        'At the terminal, bitloss compare --cost tells time and bytes by kind of work. The page does not show it yet.',
      ],
      needs:
        'time and bytes for each kind of layer in the page, and a model where small operations dominate.',
    },
    groups: {
      heading: 'How large should a group be?',
      says: 'Smaller groups: more accurate, more overhead.',
      text: [
        'A group’s scale has to suit its largest weight. The fewer weights share it, the finer it can be; but each scale costs 16 bits, and each bias 16 more.',
      ],
      question:
        'How large is the weights’ error in groups of 128, in per cent of that in groups of 32?',
      unit: '{}%',
      caption: 'Q4 in groups of 32, 64 and 128.',
      verdict: 'agrees',
      measured:
        '{bits32}, {bits64} and {bits128} bits a weight for groups of 32, 64 and 128; {kl32}, {kl64} and {kl128} nats a token lost in English stories. Three quarters of a bit halve the divergence.',
      limit:
        'Where a few weights are far larger than the rest, groups matter more than here. The order is the same everywhere; how much is bought depends on the model.',
    },
    deploy: {
      heading: 'Exercise: DistilBERT with dynamic int8',
      says: 'Apply dynamic int8 to a DistilBERT; put size, small-batch latency and held-out accuracy into a table.',
      text: [
        'The model has DistilBERT’s architecture in small. It was trained on TinyWorld’s reviews in English and Korean, full of “not”, “never” and “but”, and says whether the writer liked what the text asks about. It is judged by reviews that it has never read.',
        'It is quantized below, in this page: dynamic int8 as torch does it, then 4, 3 and 2 bits in groups of 128, at last 2 bits with one scale for a whole matrix. Each version labels a review that you may write yourself, then a thousand.',
      ],
      question: 'Which is the first version that labels measurably fewer reviews rightly?',
      choices: {
        int8: 'dynamic int8',
        four: '4 bits',
        three: '3 bits',
        two: '2 bits',
        none: 'none of these',
      },
      unit: '{}: {x} points fewer',
      caption: 'A classifier of reviews and five quantized versions of it.',
      columns: {
        recipe: 'recipe',
        size: 'size',
        'bits/w': 'bits per weight',
        '1 text': '1 text',
        '4 texts': '4 texts',
        '8 texts': '8 texts',
        accuracy: 'accuracy [95%]',
        '|logit diff|': '|logit diff|',
      },
      verdict: 'partly',
      measured:
        'Dynamic int8 of everything: {int8Size} instead of {size}, and {int8} right instead of {reference}; one text takes {int8Time} instead of {time}. In groups of 128, 3 bits leave {three} right, though the logits have moved by {threeLogits} on average; 2 bits leave {two}, and the logits have moved by {twoLogits}. Two bits with one scale for a whole matrix leave {matrix}: a coin’s share. torch leaves embeddings as they are, as the second row does; its codes and scales are the same to the bit. Texts of a batch are answered one after another, so that a batch saves nothing by itself.',
      limit:
        'The model is a hundred times smaller than DistilBERT, so that rounding its activations is a larger part of its work, and its reviews are of one kind, which it has learned to the last one: a wide margin, so that logits show a loss long before labels do. The times are of a busy machine, and vary by a factor of two from run to run. So the sizes carry over; the milliseconds and the points do not.',
    },
  },
  foreign: {
    title: 'A page with a style of its own',
    lead: 'This page has its own style sheet: its typeface, its colours, its rules for buttons and tables. None of them reach into the experiment, except what the page hands over by name.',
    first: 'As it comes',
    firstText: 'The element as it is, beside a button and a table of this page.',
    second: 'In this page’s colours',
    secondText:
      'The same element under a few custom properties, --bitloss-paper, --bitloss-ink and others, set in this page’s style sheet.',
    button: 'A button of this page',
    caption: 'The experiment: TinyWorld 0.5M at 4 bits.',
  },
};
