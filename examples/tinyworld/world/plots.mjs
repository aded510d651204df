// Seventeen plots. Each is a want, an obstacle, attempts, help and an outcome; what is chosen on the
// way decides which sentences there are to tell and which questions can be asked.
import { word } from './lexicon.mjs';

const stuckPlaces = [
  word('in the top of the old oak', '늙은 참나무 꼭대기'),
  word('on the school roof', '학교 지붕 위'),
  word('on the tall chimney', '높은 굴뚝 위'),
  word('on the church clock', '시계탑 바늘 끝'),
];
const dishes = [
  word('apple pie', '사과 파이'),
  word('honey cake', '꿀 케이크'),
  word('carrot tart', '당근 타르트'),
  word('plum pudding', '자두 푸딩'),
  word('nut loaf', '호두 빵'),
];
const ingredients = [
  word('flour', '밀가루'),
  word('sugar', '설탕'),
  word('butter', '버터'),
  word('salt', '소금'),
  word('milk', '우유'),
];
const fears = [
  word('the dark', '어둠'),
  word('thunder', '천둥'),
  word('deep water', '깊은 물'),
  word('geese', '거위'),
  word('high places', '높은 곳'),
];
const seeds = [
  word('pumpkin', '호박'),
  word('sunflower', '해바라기'),
  word('bean', '콩'),
  word('melon', '수박'),
];
const machines = [
  word('wash the dishes', '설거지를 해 주는'),
  word('tie shoes', '신발 끈을 묶어 주는'),
  word('wake people up', '사람을 깨워 주는'),
  word('butter bread', '빵에 버터를 발라 주는'),
];

const foods = [
  word('bun', '만두'),
  word('potato', '감자'),
  word('apple', '사과'),
  word('pancake', '부침개'),
];
const moonTools = [
  word('bucket', '양동이'),
  word('ladder', '사다리'),
  word('fishing net', '그물'),
  word('long rope', '긴 밧줄'),
];
const night = word('night', '밤');

function lost(s) {
  const [A, B] = [s.person(), s.person()];
  const o = s.thing();
  const [home, q, h] = [s.home(), s.place(), s.place()];
  const cause = s.choose(['wind', 'forgot', 'bird']);
  s.open(A, home);
  s.give(o, A);
  s.tell('treasure', { A, o });
  s.put(o, h);
  s.pause();
  s.tell(`lose.${cause}`, { A, o });
  s.feel(A, s.choose(['sad', 'worried']));
  s.tell('search', { A, q });
  s.tell(`nothing.${s.choose(['spoon', 'frog', 'dust'])}`, { A });
  s.pause();
  s.tell('ask', { A, B, o });
  s.tell(`hint.${cause}`, { A, B, o, h, x: o.colour });
  s.tell('find', { A, B, o, h });
  s.give(o, A);
  s.tell('thank', { A, B });
  s.feel(A, s.choose(['happy', 'calm']));
  s.ask('lost', { A }, o);
  s.ask('search', { A }, q);
  s.ask('found', { o }, h);
  s.ask('helper', { A }, B);
}

function stuck(s) {
  const [A, B] = [s.person(), s.person()];
  const o = s.thing();
  const where = s.choose(stuckPlaces);
  const tries = s.rng.sample(['jump', 'stick', 'shoe', 'shout'], 2);
  s.open(A, s.home());
  s.give(o, A);
  s.tell('play', { A, o });
  s.tell('stuck', { o, s: where });
  s.pause();
  for (const attempt of tries) s.tell(`try.${attempt}`, { A, o });
  s.feel(A, 'sad');
  s.pause();
  const tool = s.choose(['ladder', 'net', 'crows']);
  s.tell('arrive', { A, B });
  s.tell(`rescue.${tool}`, { A, B, o });
  if (tries.includes('shoe')) s.tell('shoe', { A, o });
  s.tell('thank', { A, B });
  s.feel(A, 'happy');
  s.ask('stuck', { A }, o);
  s.ask('stuckwhere', { o }, where);
  s.ask('helper', { A }, B);
}

function bake(s) {
  const [A, B] = [s.person(), s.person()];
  const C = s.elder();
  const [d, i] = [s.choose(dishes), s.choose(ingredients)];
  s.open(A, s.home());
  s.tell('birthday', { A, B, d });
  s.tell('missing', { A, i });
  s.pause();
  s.tell('borrow', { A, C, i });
  const price = s.choose(['joke', 'song', 'hens', 'hat']);
  s.tell(`price.${price}`, { A, C, i });
  s.tell(`pay.${price}`, { A, C, i });
  s.pause();
  s.tell(`baked.${s.choose(['boot', 'lean', 'hole'])}`, { A, d });
  s.feel(A, 'worried');
  s.tell('taste', { A, B, d });
  s.feel(A, 'proud');
  s.ask('make', { A }, d);
  s.ask('missing', { A }, i);
  s.ask('gave', { i }, C);
  s.ask('birthday', {}, B);
}

function fear(s) {
  const [A, B] = [s.person(), s.person()];
  const o = s.thing();
  const [home, q] = [s.home(), s.place()];
  const z = s.choose(fears);
  s.open(A, home);
  s.tell('afraid', { A, z });
  s.put(o, q);
  s.tell('left', { A, o, q, z });
  s.pause();
  s.tell('tellfriend', { A, B });
  const advice = s.choose(['count', 'sing', 'hand']);
  s.tell(`advice.${advice}`, { A, B });
  s.tell(`step.${advice}`, { A, B });
  s.give(o, A);
  s.tell('gotback', { A, o, q });
  s.pause();
  s.feel(A, 'proud');
  s.tell('alsoafraid', { A, B, z });
  s.ask('afraid', { A }, z);
  s.ask('left', { A }, o);
  s.ask('leftwhere', { A, o }, q);
  s.ask('adviser', { A }, B);
}

function delivery(s) {
  const [A, C] = [s.person(), s.person()];
  const B = s.elder();
  const o = s.thing();
  const [home, q] = [s.home(), s.place()];
  s.open(A, home);
  s.give(o, A);
  s.tell('errand', { A, B, o, q });
  s.pause();
  const block = s.choose(['river', 'goat', 'fog', 'mud']);
  s.tell(`block.${block}`, { A });
  s.tell(`fail.${block}`, { A });
  s.tell('comes', { A, C });
  s.tell(`solve.${block}`, { A, C });
  s.pause();
  s.tell('delivered', { A, B, o, q });
  s.give(o, B);
  s.tell(`reward.${s.choose(['soup', 'story', 'coin'])}`, { A, B, C });
  s.feel(A, s.choose(['proud', 'happy']));
  s.ask('carry', { A }, o);
  s.ask('receiver', { o }, B);
  s.ask('helper', { A }, C);
  s.ask('leftwhere2', { B }, q);
}

function quarrel(s) {
  const [A, B, C] = [s.person(), s.person(), s.person()];
  const o = s.thing();
  const [home, p] = [s.home(), s.place()];
  s.open(A, home);
  s.put(o, p);
  s.tell('spot', { A, B, o, p });
  s.tell('mine', { A, B, o });
  const harm = s.choose(['pond', 'crack', 'goose']);
  s.pause();
  s.tell(`harm.${harm}`, { A, B, o });
  s.tell('silence', { A, B });
  s.feel(A, 'angry');
  s.tell('wise', { C, A, B });
  s.tell('sorry', { A, B });
  s.pause();
  s.tell(`mend.${harm}`, { A, B, o });
  s.tell(`share.${s.choose(['days', 'together', 'gift'])}`, { A, B, C, o });
  s.feel(A, 'happy');
  s.ask('wanted', { A, B }, o);
  s.ask('spotted', { A, o }, p);
  s.ask('wise', { A, B }, C);
}

function mystery(s) {
  const [A, B, C] = [s.person(), s.person(), s.person()];
  const p = s.place(
    'kitchen',
    'barn',
    'attic',
    'cellar',
    'library',
    'bakery',
    'mill',
    'shed',
    'tower',
    'school',
  );
  const odd = s.choose(['pies', 'noise', 'prints']);
  s.open(A, s.home());
  s.tell(`odd.${odd}`, { A, p });
  s.tell('suspect', { A, B, C });
  s.pause();
  s.tell('watch', { A, B, p });
  s.tell('wait', { A, B });
  s.tell(`truth.${odd}`, { A, B });
  s.feel(A, 'surprised');
  s.pause();
  s.tell('apology', { A, C });
  s.ask('suspect', { A }, C);
  s.ask('watcher', { A }, B);
  s.ask('watchplace', { A, B }, p);
}

function contest(s) {
  const [A, B] = [s.person(), s.person()];
  const o = s.thing();
  const q = s.home();
  s.open(A, s.home());
  s.tell('race', { A, B, o, q });
  s.tell('favourite', { A, B });
  s.pause();
  s.tell('start', { A, B });
  const mishap = s.choose(['ditch', 'bees', 'shoe']);
  s.tell(`mishap.${mishap}`, { A, B });
  s.tell('stops', { A, B });
  s.tell(`aid.${mishap}`, { A, B });
  s.pause();
  const result = s.choose(['tie', 'snail', 'rival']);
  const C = s.elder();
  s.tell(`result.${result}`, { A, B, C, o });
  s.give(o, result === 'snail' ? C : A);
  s.feel(A, s.choose(['happy', 'proud']));
  s.ask('prize', {}, o);
  s.ask('rival', { A }, B);
  s.ask('finish', {}, q);
}

function newcomer(s) {
  const [A, B] = [s.person(), s.person()];
  const home = s.home();
  const p = s.place(
    'forest',
    'hill',
    'lake',
    'river',
    'harbour',
    'station',
    'market',
    'farm',
    'bridge',
  );
  s.open(A, home);
  s.tell('newcomer', { A, B, p });
  s.tell(`strange.${s.choose(['back', 'whisper', 'bag'])}`, { B });
  s.tell('others', { B });
  s.pause();
  s.tell('invite', { A, B });
  const talent = s.choose(['whistle', 'jump', 'paint']);
  s.tell('trouble', { A, B });
  s.tell(`talent.${talent}`, { A, B });
  s.pause();
  s.tell('friends', { A, B });
  s.feel(B, 'happy');
  s.ask('newcomer', {}, B);
  s.ask('newplace', { B }, p);
  s.ask('inviter', { B }, A);
  s.ask('mood', { A: B }, s.mood.get(B.id));
}

function prank(s) {
  const [A, B] = [s.person(), s.person()];
  s.open(A, s.home());
  const joke = s.choose(['salt', 'bell', 'clock']);
  s.tell('bored', { A, B });
  s.tell(`prank.${joke}`, { A, B });
  s.pause();
  s.tell(`effect.${joke}`, { A, B });
  s.tell('laugh', { A });
  s.tell('hurt', { A, B });
  s.feel(A, 'sad');
  s.pause();
  s.tell('confess', { A, B });
  s.tell(`revenge.${s.choose(['socks', 'frog', 'cake'])}`, { A, B });
  s.feel(A, 'calm');
  s.ask('pranked', { A }, B);
  s.ask('prankster', { B }, A);
}

function plant(s) {
  const [A, B] = [s.person(), s.person()];
  const p = s.place('garden', 'farm', 'hill', 'mill');
  const x = s.choose(seeds);
  s.open(A, p);
  s.tell('seed', { A, B, x });
  s.tell('plant', { A, x, p });
  s.pause();
  for (const attempt of s.rng.sample(['water', 'sing', 'shout', 'dig'], 2))
    s.tell(`grow.${attempt}`, { A, x });
  s.feel(A, 'sad');
  s.tell('patience', { A, B });
  s.pause();
  s.tell(`grown.${s.choose(['huge', 'wrong', 'one'])}`, { A, B, x });
  s.feel(A, s.choose(['proud', 'surprised']));
  s.ask('planted', { A }, x);
  s.ask('seedgiver', { A }, B);
}

function machine(s) {
  const [A, B] = [s.person(), s.person()];
  const p = s.place('shed', 'barn', 'kitchen', 'attic', 'cellar');
  const m = s.choose(machines);
  s.open(A, s.home());
  s.tell('invent', { A, m, p });
  s.tell('parts', { A });
  s.pause();
  s.tell('show', { A, B, m });
  s.tell(`broken.${s.choose(['run', 'loud', 'wrong'])}`, { A, B });
  s.feel(A, 'sad');
  s.tell('idea', { A, B });
  s.pause();
  s.tell(`fixed.${s.choose(['dance', 'slow', 'hens'])}`, { A, B });
  s.feel(A, 'proud');
  s.ask('built', { A }, p);
  s.ask('shown', { A }, B);
}

function visitor(s) {
  const [A, B] = [s.person(), s.person()];
  const o = s.thing();
  s.open(A, s.home());
  s.tell('storm', { A });
  s.tell('knock', { A, B });
  const food = s.choose(foods);
  s.tell('lastfood', { A, B, x: food });
  s.feel(A, 'worried');
  s.pause();
  s.tell(`evening.${s.choose(['stories', 'cards', 'stars'])}`, { A, B });
  s.tell('morning', { A, B });
  s.pause();
  s.give(o, A);
  s.tell('giftleft', { A, B, o });
  s.feel(A, s.choose(['happy', 'surprised']));
  s.ask('visitor', { A }, B);
  s.ask('lastfood', { A }, food);
  s.ask('giftleft', { B }, o);
}

function treasure(s) {
  const [A, B] = [s.person(), s.person()];
  const [p, q] = [s.place(), s.place()];
  const o = s.thing();
  s.open(A, s.home());
  s.tell('mapfound', { A, p });
  s.tell('mapfriend', { A, B });
  s.pause();
  s.tell(`riddle.${s.choose(['steps', 'shadow', 'nose'])}`, { A, B });
  s.tell('dig', { A, B, q });
  s.put(o, q);
  s.tell('chestopen', { A, B, o, q });
  s.give(o, A);
  s.pause();
  s.tell(`note.${s.choose(['pirate', 'child', 'granny'])}`, { A, B, o });
  s.feel(A, s.choose(['happy', 'surprised']));
  s.ask('mapfound', { A }, p);
  s.ask('dugup', { A }, o);
  s.ask('digplace', { A, B }, q);
  s.ask('companion', { A }, B);
}

function moon(s) {
  const [A, B] = [s.person(), s.person()];
  const tool = s.choose(moonTools);
  s.time = night;
  s.weather = 'quiet';
  s.open(A, s.home());
  s.tell('moonfell', { A });
  s.feel(A, 'worried');
  s.pause();
  s.tell('moontool', { A, x: tool });
  s.tell('moonpull', { A });
  s.tell('mooncomes', { A, B });
  s.pause();
  s.tell(`mooncalm.${s.choose(['up', 'secret', 'cheese'])}`, { A, B });
  s.feel(A, s.choose(['proud', 'calm']));
  s.ask('moontool', { A }, tool);
  s.ask('mooncomes', { A }, B);
}

function trade(s) {
  const A = s.person();
  const [B, C] = [s.person(), s.elder()];
  const [o, x, z] = [s.thing(), s.thing(), s.thing()];
  s.open(A, s.home());
  s.tell('tradewant', { A, C, o, z });
  s.tell('nomoney', { A, o });
  s.pause();
  s.tell('trade', { A, B, o, x });
  s.give(o, B);
  s.tell('tradetwo', { A, C, x, z });
  s.give(x, C);
  s.give(z, A);
  s.pause();
  s.tell(`tradeend.${s.choose(['back', 'fair', 'laugh'])}`, { A, B, C, o, z });
  s.feel(A, s.choose(['proud', 'happy']));
  s.ask('tradewant', { A }, z);
  s.ask('traded', { A, B }, x);
  s.ask('nowowns', { o }, B);
  s.ask('nowowns', { o: z }, A);
}

function duckling(s) {
  const [A, B] = [s.person(), s.person()];
  const [p, q] = [s.place(), s.place('lake', 'river', 'harbour', 'farm')];
  s.open(A, s.home());
  s.tell('hatch', { A, p });
  s.tell('mama', { A });
  s.tell(`follow.${s.choose(['school', 'bath', 'walk'])}`, { A });
  s.pause();
  s.tell('duckhelp', { A, B });
  s.tell('duckplan', { A, B, q });
  s.feel(A, 'sad');
  s.tell('duckmother', { A, q });
  s.pause();
  s.tell(`duckend.${s.choose(['visit', 'quack', 'egg'])}`, { A });
  s.feel(A, 'happy');
  s.ask('hatch', { A }, p);
  s.ask('duckhelp', { A }, B);
  s.ask('duckmother', {}, q);
}

export const plots = {
  lost,
  stuck,
  bake,
  fear,
  delivery,
  quarrel,
  mystery,
  contest,
  newcomer,
  prank,
  plant,
  machine,
  visitor,
  treasure,
  moon,
  trade,
  duckling,
};
