// The invented facts of TinyWorld: 48 creatures that exist nowhere else, six facts about each.
import { Random, hash32 } from './random.mjs';
import { word } from './lexicon.mjs';

const creatures = `
wuffin|우핀
glimmock|글리목
snorfle|스노플
tazzle|타즐
brindlewig|브린들
plonk|플롱크
mizzick|미직
oomper|움퍼
crinkfish|크링크
dapplewort|다플
fizzwig|피즈윅
grumbat|그럼뱃
hobbledoo|호블두
jibbet|지벳
kettlewing|케틀윙
lumpkin|럼프킨
muddlehen|머들헨
nibblet|니블렛
pogglefoot|포글풋
quaddle|콰들
rumplet|럼플렛
squidge|스퀴지
thrumble|스럼블
umbrel|움브렐
vexwing|벡스윙
wizzen|위즌
yaffit|야핏
zibbit|지빗
bogglin|보글린
chuffin|처핀
drizzlet|드리즐렛
flonker|플롱커
gloop|글룹
hushmoth|허시모스
inkwig|잉크윅
jorple|조플
knobbin|노빈
loofer|루퍼
moonswift|문스위
noddit|노딧
pebbleback|페블백
rattlesnout|래틀스
scribbit|스크리빗
toddlewump|토들움
twirp|트워프
whiffle|휘플
yompus|욤푸스
zarn|자른`
  .trim()
  .split('\n')
  .map((line) => word(...line.split('|')));

const values = (text) =>
  text
    .trim()
    .split('\n')
    .map((line) => word(...line.split('|')));

/**
 * What can be known about a creature. `say`: statements; `ask`: questions. {c} is the creature, {v}
 * the value. One question form of each fact is kept for the test: see `heldOutForm`.
 */
export const relations = [
  {
    id: 'food',
    values: values(`
old bread|묵은 빵
pea soup|콩 수프
candle wax|촛농
blue cheese|파란 치즈
fallen leaves|낙엽
cold noodles|찬 국수
wet sand|젖은 모래
pine cones|솔방울
lemon peel|레몬 껍질
burnt toast|탄 빵
snowflakes|눈송이
radishes|무`),
    en: {
      say: [
        `The {c} eats {v}.`,
        `If you meet {c.a}, offer it {v} to eat.`,
        `The {c} cannot say no to a meal of {v}.`,
      ],
      ask: [
        `What does the {c} eat?`,
        `What is the favourite food of the {c}?`,
        `What should you feed {c.a}?`,
        `What is on the plate of a hungry {c}?`,
      ],
    },
    ko: {
      say: [`{c은} {v을} 먹는다.`, `{c에게는} {v을} 주면 된다. 잘 먹는다.`],
      ask: [
        `{c은} 무엇을 먹나요?`,
        `{c이} 좋아하는 음식은 무엇인가요?`,
        `{c에게} 먹을 것으로 무엇을 주면 되나요?`,
      ],
    },
  },
  {
    id: 'home',
    values: values(`
in a teapot|주전자 속
under the stairs|계단 밑
in hollow trees|속 빈 나무
on chimneys|굴뚝 위
behind waterfalls|폭포 뒤
in old boots|헌 장화 속
in the clouds|구름 속
under bridges|다리 밑
in church bells|종 속
in post boxes|우체통 속
at the bottom of ponds|연못 바닥
in haystacks|건초 더미`),
    en: {
      say: [
        `The {c} lives {v}.`,
        `You can find the {c} {v}. That is its home.`,
        `Home, for {c.a}, is {v}.`,
      ],
      ask: [
        `Where does the {c} live?`,
        `Where can you find {c.a}?`,
        `Where is the home of the {c}?`,
        `Where should you look for {c.a}?`,
      ],
    },
    ko: {
      say: [`{c은} {v에} 산다.`, `{c의} 집은 {v이다}.`],
      ask: [`{c은} 어디에 사나요?`, `{c의} 집은 어디인가요?`, `{c은} 어디에서 볼 수 있나요?`],
    },
  },
  {
    id: 'fear',
    values: values(`
buttons|단추
ladders|사다리
its own shadow|제 그림자
trumpets|나팔
soap|비누
Mondays|월요일
umbrellas|우산
mirrors|거울
white horses|흰 말
clocks|시계
feathers|깃털
whispers|귓속말`),
    en: {
      say: [
        `The {c} is afraid of {v}.`,
        `Nothing scares the {c} like {v}.`,
        `{^c.a} runs away from {v}.`,
      ],
      ask: [
        `What is the {c} afraid of?`,
        `What scares the {c}?`,
        `What makes {c.a} run away?`,
        `What is the greatest fear of the {c}?`,
      ],
    },
    ko: {
      say: [`{c은} {v을} 무서워한다.`, `{c은} {v만} 보면 달아난다.`],
      ask: [
        `{c은} 무엇을 무서워하나요?`,
        `{c이} 보면 달아나는 것은 무엇인가요?`,
        `{c이} 겁내는 것은 무엇인가요?`,
      ],
    },
  },
  {
    id: 'collects',
    values: values(`
lost keys|잃어버린 열쇠
bottle tops|병뚜껑
teaspoons|찻숟가락
odd socks|짝 없는 양말
love letters|연애편지
bird songs|새소리
round pebbles|둥근 자갈
broken cups|깨진 컵
old stamps|오래된 우표
fish bones|생선 뼈
left shoes|왼쪽 신발
secrets|비밀`),
    en: {
      say: [
        `The {c} collects {v}.`,
        `In its nest the {c} keeps {v}.`,
        `{^c.a} is happiest among its {v}.`,
      ],
      ask: [
        `What does the {c} collect?`,
        `What does the {c} keep in its nest?`,
        `What could you find in the nest of {c.a}?`,
        `What does {c.a} gather all year?`,
      ],
    },
    ko: {
      say: [`{c은} {v을} 모은다.`, `{c의} 둥지에는 {v이} 가득하다.`],
      ask: [
        `{c은} 무엇을 모으나요?`,
        `{c의} 둥지에는 무엇이 있나요?`,
        `{c이} 일 년 내내 모으는 것은 무엇인가요?`,
      ],
    },
  },
  {
    id: 'sound',
    values: values(`
a rusty gate|녹슨 문
a tiny bell|작은 방울
a sneeze|재채기
an old piano|낡은 피아노
a boiling kettle|끓는 주전자
a sleepy bee|졸린 벌
a slow train|느린 기차
a wet drum|젖은 북
a happy duck|신난 오리
a broken flute|부러진 피리
a falling pan|떨어지는 냄비
a far storm|먼 폭풍`),
    en: {
      say: [
        `The {c} sounds like {v}.`,
        `When {c.a} sings, you hear {v}.`,
        `Was that {v}? No, it was {c.a}.`,
      ],
      ask: [
        `What does the {c} sound like?`,
        `What do you hear when {c.a} sings?`,
        `The voice of the {c} is like what?`,
        `What is the song of {c.a} like?`,
      ],
    },
    ko: {
      say: [`{c은} {v} 소리를 낸다.`, `{c이} 울면 {v} 소리 같다.`],
      ask: [
        `{c은} 무슨 소리를 내나요?`,
        `{c이} 울면 무슨 소리 같나요?`,
        `{c의} 목소리는 무엇과 비슷한가요?`,
      ],
    },
  },
  {
    id: 'sleep',
    values: values(`
upside down|거꾸로 매달려
with one eye open|한 눈을 뜨고
on its nose|코를 대고 서서
in a knot|몸을 꼬고
in the bath|목욕통에서
on one leg|한 발로
in a long row|길게 줄지어
inside a hat|모자 속에서
on a warm oven|따뜻한 화덕에서
in moonlight|달빛 아래에서
under snow|눈 속에서
while walking|걸으면서`),
    en: {
      say: [
        `The {c} sleeps {v}.`,
        `At night the {c} goes to sleep {v}.`,
        `{^c.a} can only sleep {v}.`,
      ],
      ask: [
        `How does the {c} sleep?`,
        `How does {c.a} spend the night?`,
        `In what way does the {c} sleep?`,
        `How can you tell that {c.a} is asleep? It sleeps...`,
      ],
    },
    ko: {
      say: [`{c은} {v} 잔다.`, `밤이 되면 {c은} {v} 잠든다.`],
      ask: [`{c은} 어떻게 자나요?`, `{c은} 밤을 어떻게 보내나요?`, `{c이} 자는 모습은 어떤가요?`],
    },
  },
];

/** How often a fact comes up: in every round of the deck, this many times. */
export const tiers = [1, 4, 16];

/**
 * All facts, the same whatever the seed of a run: { id, creature, relation, value, tier }. Each
 * value of a relation belongs to four creatures, and each tier has a third of the facts.
 */
export const facts = relations.flatMap((relation) => {
  const rng = new Random(`facts/${relation.id}`);
  const assigned = rng.shuffle(
    creatures.map((_, i) => relation.values[i % relation.values.length]),
  );
  const ranks = rng.shuffle(creatures.map((_, i) => i % tiers.length));
  return creatures.map((creature, i) => ({
    id: `${creature.en}/${relation.id}`,
    creature,
    relation,
    value: assigned[i],
    tier: ranks[i],
  }));
});

/** The form in which only the test asks for this fact. */
export const heldOutForm = (fact, lang) =>
  hash32(`held out/${fact.id}`) % fact.relation[lang].ask.length;
