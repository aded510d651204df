// Who and what there is in TinyWorld, with its name in both languages. Everything else refers to
// these entries, so a scene is a set of entries and belongs to no language.

function table(type, fields, text) {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const cells = line.split('|').map((cell) => cell.trim());
      const entry = { type, id: cells[0] };
      fields.forEach((field, i) => (entry[field] = cells[i]));
      return entry;
    });
}

/** A word or phrase that is the same thing in both languages: a flavour, a trick, a feeling. */
export const word = (en, ko) => ({ type: 'word', id: en, en, ko });
const words = (text) => table('word', ['en', 'ko'], text);

export const children = table(
  'child',
  ['en', 'ko', 'gender'],
  `
Mia|지아|f
Lily|서연|f
Nora|수아|f
Anna|하은|f
Ruby|유나|f
Ella|다인|f
Rosa|소율|f
Ivy|민서|f
Clara|예린|f
Zoe|나은|f
Ada|채원|f
Hana|한별|f
Ben|민준|m
Tom|도윤|m
Sam|하준|m
Leo|시우|m
Max|준호|m
Finn|지호|m
Jack|현우|m
Hugo|은찬|m
Oscar|태오|m
Theo|우진|m
Milo|건우|m
Joon|준|m`,
);

export const animals = table(
  'animal',
  ['en', 'ko', 'gender', 'species', 'speciesKo'],
  `
Pip|콩이|m|mouse|생쥐
Hazel|도토리|f|squirrel|다람쥐
Bruno|뭉치|m|bear|곰
Olive|달이|f|owl|부엉이
Rusty|단풍|m|fox|여우
Clover|토실|f|rabbit|토끼
Biscuit|바둑|m|dog|강아지
Pepper|나비|f|cat|고양이
Waddle|뒤뚱|f|duck|오리
Spike|밤톨|m|hedgehog|고슴도치
Hop|퐁당|m|frog|개구리
Nettle|수염|f|goat|염소
Tilda|느림|f|turtle|거북
Inky|먹물|m|crow|까마귀
Truffle|꿀꿀|f|pig|돼지
Hettie|꼬꼬|f|hen|암탉
Barley|방울|m|donkey|당나귀
Bramble|솔솔|m|badger|오소리
Splash|첨벙|f|otter|수달
Gus|꽥꽥|m|goose|거위`,
);

export const elders = table(
  'elder',
  ['en', 'ko', 'gender'],
  `
the baker|빵집 주인|f
the miller|방앗간 주인|m
the postman|우체부|m
the teacher|선생님|f
the fisherman|어부|m
the gardener|정원사|f
the farmer|농부|m
the librarian|사서|f
the sailor|뱃사람|m
the clockmaker|시계공|f`,
);

/** `prep` is the English word for being there; the Korean name takes 에, 에서 and 로 as it is. */
export const places = table(
  'place',
  ['en', 'ko', 'prep'],
  `
kitchen|부엌|in
garden|정원|in
barn|헛간|in
attic|다락방|in
cellar|지하실|in
library|도서관|in
bakery|빵집|in
mill|방앗간|in
forest|숲|in
shed|창고|in
cave|동굴|in
tent|천막|in
tower|탑|in
school|학교|at
market|시장|at
harbour|항구|at
station|기차역|at
farm|농장|on
hill|언덕|on
roof|지붕|on
bridge|다리|on
lake|호숫가|by
river|강가|by
well|우물가|by`,
);

export const kinds = table(
  'kind',
  ['en', 'ko', 'plural'],
  `
ball|공|balls
kite|연|kites
hat|모자|hats
cup|컵|cups
book|책|books
key|열쇠|keys
lamp|등잔|lamps
spoon|숟가락|spoons
drum|북|drums
scarf|목도리|scarves
coin|동전|coins
map|지도|maps
bell|종|bells
button|단추|buttons
letter|편지|letters
umbrella|우산|umbrellas
ring|반지|rings
whistle|호루라기|whistles
feather|깃털|feathers
shell|조개껍데기|shells
doll|인형|dolls
clock|시계|clocks
mirror|거울|mirrors
brush|붓|brushes
blanket|담요|blankets
candle|양초|candles
flute|피리|flutes
mitten|장갑|mittens
ribbon|리본|ribbons
plate|접시|plates
pillow|베개|pillows
stone|돌멩이|stones`,
);

export const fruits = table(
  'kind',
  ['en', 'ko', 'plural'],
  `
apple|사과|apples
pear|배|pears
plum|자두|plums
carrot|당근|carrots
egg|달걀|eggs
cookie|과자|cookies
nut|호두|nuts
onion|양파|onions
peach|복숭아|peaches
bun|만두|buns
pancake|부침개|pancakes
cherry|체리|cherries`,
);

export const containers = table(
  'kind',
  ['en', 'ko', 'plural'],
  `
box|상자|boxes
bag|가방|bags
basket|바구니|baskets
drawer|서랍|drawers
pot|냄비|pots
chest|궤짝|chests
bucket|양동이|buckets
jar|항아리|jars`,
);

export const colours = words(`
red|빨간
blue|파란
green|초록
yellow|노란
white|하얀
black|까만
purple|보라
orange|주황`);

export const feelings = Object.fromEntries(
  words(`
happy|기뻤다
proud|뿌듯했다
sad|슬펐다
worried|걱정스러웠다
angry|화가 났다
lonely|외로웠다
surprised|놀랐다
calm|마음이 놓였다`).map((entry) => [entry.en, entry]),
);

/** A particular thing: a kind with a colour. */
export const thing = (kind, colour) => ({
  type: 'thing',
  id: `${colour.id} ${kind.id}`,
  kind,
  colour,
});
