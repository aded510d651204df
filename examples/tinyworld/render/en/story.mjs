// How each event of a story can be told in English. Roles and forms: see grammar.mjs.
export const sentences = {
  'open.windy': [
    `It was a windy {t}, [the kind that steals hats|and every door in town was banging|and the washing was trying to fly away].`,
    `The wind blew all {t}, [and the trees whispered|and even the cows leaned a little].`,
  ],
  'open.rainy': [
    `It was a rainy {t}, [and the ducks were very pleased|and the roofs were singing|and puddles were growing everywhere].`,
    `It rained all {t}. [Nobody wanted to go out|The street looked like a small river].`,
  ],
  'open.sunny': [
    `One sunny {t}, [the whole town smelled of warm bread|the bees were already busy|the cat on the wall was too warm to move].`,
    `The sun was [out|shining] that {t}, [and the sky had no work to do|and nobody was in a hurry].`,
  ],
  'open.snowy': [
    `It had snowed in the night, and this {t} [the world was white|every fence wore a white hat|the town was quiet and clean].`,
    `Snow fell all {t}, [slowly and softly|as if someone was shaking a pillow].`,
  ],
  'open.foggy': [
    `A thick fog came in that {t}. [You could not see your own feet|The tower had no top|Even the birds walked].`,
    `It was a foggy {t}, [and the street lamps looked like small moons|and people said sorry to trees].`,
  ],
  'open.quiet': [
    `It was a quiet {t}. [Too quiet|A fly counted as news|Nothing had happened since Monday].`,
    `Nothing ever happened on {t.a} like this one[|, or so people thought].`,
    `Once upon a time, on a [calm|slow|grey] {t}, a small thing happened.`,
  ],
  meet: [
    `{A.intro} lived [near|close to|not far from] {p.the}.`,
    `[Near|Close to] {p.the} lived {A.intro}.`,
    `{A.intro} was [already awake|sitting] {p}, [thinking about lunch|looking at the sky|doing nothing at all].`,
    `[Right next to|Just behind] {p.the} there lived {A.intro}.`,
  ],
  'quirk.0': [
    `{A} counted everything, even the clouds.`,
    `{A} liked to count: steps, spoons, clouds.`,
  ],
  'quirk.1': [`{A} never closed a door.`, `{A} always forgot to close the door.`],
  'quirk.2': [
    `{A} talked to the moon when it was out.`,
    `{A} said good night to the moon every evening.`,
  ],
  'quirk.3': [`{A} kept a list of [good|excellent] smells.`, `{A} had a notebook full of smells.`],
  'quirk.4': [
    `{A} was always hungry, above all after meals.`,
    `{A} thought about food most of the time.`,
  ],
  'quirk.5': [
    `{A} could not whistle, but never stopped trying.`,
    `{A} was learning to whistle. It did not go well.`,
  ],
  'quirk.6': [
    `{A} wore two different socks, for luck.`,
    `{A} believed that two different socks brought luck.`,
  ],
  'quirk.7': [
    `{A} walked everywhere backwards on Sundays.`,
    `On Sundays {A} walked backwards, just to see.`,
  ],
  'quirk.8': [
    `{A} had a pet snail called Thunder.`,
    `{A} went nowhere without Thunder, a very small snail.`,
  ],
  'quirk.9': [`{A} gave names to all the puddles.`, `{A} knew every puddle in town by name.`],
  'quirk.10': [
    `{A} was the slowest eater in the world.`,
    `{A} could eat one bun for a whole hour.`,
  ],
  'quirk.11': [
    `{A} wanted to be a lighthouse one day.`,
    `"One day I will be a lighthouse," {A} liked to say.`,
  ],
  'quirk.12': [
    `{A} collected round stones and square ones.`,
    `{A} had forty stones and loved each of them.`,
  ],
  'quirk.13': [
    `{A} asked "why" a hundred times a day.`,
    `"Why?" was the word that {A} liked best.`,
  ],
  'quirk.14': [
    `{A} sneezed whenever someone told a lie.`,
    `{A} had a nose that sneezed at every lie.`,
  ],
  'quirk.15': [
    `{A} was very polite, even to chairs.`,
    `{A} said "excuse me" to chairs and tables.`,
  ],
  'quirk.16': [
    `{A} could never keep a straight face.`,
    `{A} giggled at funerals, lectures and vegetables.`,
  ],
  'quirk.17': [
    `{A} was writing a very long poem about butter.`,
    `{A} was a poet, mostly on the subject of butter.`,
  ],
  'quirk.18': [`{A} owned eleven hats and only one head.`, `{A} had a hat for every mood.`],
  'quirk.19': [
    `{A} was learning to juggle and had broken nine eggs so far.`,
    `{A} practised juggling, to the sorrow of the eggs.`,
  ],
  'quirk.20': [`{A} mixed up left and right.`, `Left and right were a riddle to {A.n}.`],
  'quirk.21': [
    `{A} kept a diary for the cat, who was too busy.`,
    `Every night {A} wrote down what the cat had done.`,
  ],
  'quirk.22': [
    `{A} was sure that trees gossip at night.`,
    `{A} believed that the trees were gossiping.`,
  ],
  'quirk.23': [`{A} collected echoes in a tin.`, `{A} had a tin full of echoes, tightly shut.`],
  'coda.0': [
    `That night {A} counted the stars. One was missing, so {A.he} counted again.`,
    `"One more good day," said {A}, and wrote down the number.`,
  ],
  'coda.1': [
    `Then {A} went home and, for the first time, closed the door. On the wrong side.`,
    `{A} went in and left the door open. The moon came in too.`,
  ],
  'coda.2': [
    `In the evening {A} told the moon all about it. The moon had seen it already.`,
    `"Good night," said {A} to the moon, and it went behind a cloud, shyly.`,
  ],
  'coda.3': [
    `That night a new smell went on the list: "the end of a good day".`,
    `{A} took out the notebook and wrote: "Today smelled of grass and luck."`,
  ],
  'coda.4': [
    `"Is there any cake left?" asked {A}. There was.`,
    `And then, of course, {A} had a second dinner.`,
  ],
  'coda.5': [
    `On the way home {A} tried to whistle. A dog answered.`,
    `{A} whistled all the way home. Well, {A.he} blew.`,
  ],
  'coda.6': [
    `"It was the socks," said {A}.`,
    `{A} looked at {A.his} two different socks and nodded. They had worked.`,
  ],
  'coda.7': [
    `{A} went home backwards, to make the day last longer.`,
    `It was not even Sunday, but {A} walked home backwards.`,
  ],
  'coda.8': [
    `Thunder the snail had slept through it all.`,
    `{A} told Thunder everything. The snail thought about it for a week.`,
  ],
  'coda.9': [
    `A new puddle got the name "Lucky" that night.`,
    `On the way home {A} said hello to three puddles.`,
  ],
  'coda.10': [
    `{A} started dinner at once and finished it the next morning.`,
    `Then {A} took out a bun and ate it until the stars came.`,
  ],
  'coda.11': [
    `That night {A} stood on a chair and shone as well as {A.he} could.`,
    `"A lighthouse would be glad of a day like this," thought {A}.`,
  ],
  'coda.12': [
    `{A} found a round stone on the way home, and called it a medal.`,
    `A small grey stone went into {A.his} pocket. It was stone forty-one.`,
  ],
  'coda.13': [
    `"Why was today so nice?" asked {A}. For once, nobody had to answer.`,
    `"Why is it over?" asked {A}, half asleep.`,
  ],
  'coda.14': [
    `"I was never afraid," said {A}, and sneezed.`,
    `"I am not tired at all," said {A}, and sneezed twice.`,
  ],
  'coda.15': [
    `{A} thanked the road, the gate and the door, in that order.`,
    `"Thank you for a lovely day," {A} told the chair.`,
  ],
  'coda.16': [`{A} tried to look serious about it and burst out giggling.`],
  'coda.17': [`That night the poem about butter got a new verse.`],
  'coda.18': [`{A} hung up the hat for adventures and put on the one for dreaming.`],
  'coda.19': [`{A} juggled three eggs on the way home. Well, two.`],
  'coda.20': [`{A} turned left to go home, and therefore arrived much later.`],
  'coda.21': [`In the cat's diary {A} wrote: "Slept. Supervised."`],
  'coda.22': [`The trees gossiped about it until dawn.`],
  'coda.23': [`{A} opened the tin and caught one more echo.`],
  end: [
    `[That night|Later, in bed,] {A} smiled [in the dark|at the ceiling|into the pillow].`,
    `And that was [the end of a long day|how it happened|that].`,
    `{A} slept [very well|like a stone|for ten hours] that night.`,
    `[Nobody in town|No one] ever forgot it, [least of all|and certainly not] {A.n}.`,
    `From then on, {A} [told this story every winter|laughed whenever someone spoke of it].`,
  ],
  feel: [
    `{A} [was|felt] {f}.`,
    `{A} was so {f} that {A.he} [had to sit down|forgot to blink|could not speak for a while].`,
    `{A} felt very {f}.`,
    `[Oh, how|How] {f} {A} was!`,
  ],

  treasure: [
    `{A} had {o.a} and took it everywhere, even to bed.`,
    `Of all things in the world, {A} loved {o.a} best[|. It had been a present from an aunt].`,
    `{^A} owned {o.a}. [It was not much, but it was {A.his} own|It was old, but it was the best one in town].`,
  ],
  'lose.wind': [
    `Then came a big gust of wind, and {o} was gone. [Up, up, and away|It did not even say goodbye].`,
    `[All at once|Suddenly] the wind took {o} [and ran|like a thief|and carried it over the roofs].`,
  ],
  'lose.forgot': [
    `{A} put {o} down for a moment, just one moment, and then forgot where.`,
    `At lunch {A} reached for {o}. It was not there. {A} had left it somewhere, but where?`,
  ],
  'lose.bird': [
    `A [fat|young|bold] crow flew down, took {o} and flew off without a word.`,
    `While {A} was yawning, a crow grabbed {o}. "Mine!" it said, and left.`,
  ],
  search: [
    `{A} looked for it {q} first, [high and low|under everything that had an under].`,
    `First {A} [searched|looked everywhere] {q}.`,
    `{A} ran {q.to} and [looked in every corner|turned everything over].`,
  ],
  'nothing.spoon': [`There was only an old spoon, [and it knew nothing|and a surprised spider].`],
  'nothing.frog': [
    `A [small|green] frog looked up. "Do you mind?" it said.`,
    `All {A.he} found was a frog in a bad mood.`,
  ],
  'nothing.dust': [`There was nothing but dust, and {A} sneezed [twice|three times].`],
  ask: [
    `On the road {A} met {B.intro}. "Have you seen {o.full}?" asked {A}.`,
    `Then {A} asked {B.intro} for help. "I lost {o.full}," {A.he} said[|, almost crying].`,
    `{B.intro} came by. "Why the long face?" asked {B}, and {A} explained.`,
  ],
  'hint.wind': [
    `"[Something|A thing] {x} flew over my head," said {B}. "It landed {h}."`,
    `{B} [wet a finger and held it up|looked at the clouds]. "The wind goes that way. Try {h}."`,
  ],
  'hint.forgot': [
    `"Think back," said {B}. "You were {h} this morning, weren't you?"`,
    `"When I lose things," said {B}, "they are always {h}."`,
  ],
  'hint.bird': [
    `"That crow lives {h}," said {B}. "She has my best spoon, too."`,
    `{B} pointed. "The crow keeps her treasures {h}. Everyone knows that."`,
  ],
  find: [
    `So the two went {h.to}. And there, {h}, was {o.full}[|, a little dusty|, as good as new].`,
    `They found {o.full} {h}, [between two old shoes|under a pile of leaves|right in the middle, as if it had been waiting].`,
    `They hurried {h.to}. "There!" cried {B}. {^o.full} was {h}.`,
  ],
  thank: [
    `"Thank you, {B.n}!" said {A.n}. "{c}"`,
    `{A} hugged {B.him} [tightly|for a long time|until it was hard to breathe].`,
    `{A} thanked {B.him} [three times|again and again].`,
    `"How can I thank you?" asked {A}. "{y}" said {B}.`,
  ],

  play: [
    `{A} was playing with {o.a}, [throwing it higher and higher|seeing how far it could fly].`,
    `{A} had {o.a}, and the best game was to throw it [very high|at the clouds].`,
  ],
  stuck: [
    `One throw was too good. {^o} got stuck {s}.`,
    `[Then|Suddenly] it went up and did not come down. {^o} was stuck {s}.`,
  ],
  'try.jump': [
    `{A} jumped. {A} jumped again. [The ground was good at pulling|It was like jumping at the moon].`,
    `{A} jumped as high as {A.he} could, which was not very high.`,
  ],
  'try.stick': [
    `{A} tried a long stick, but it was [too short|not long enough]. [So was the next one|Sticks always are].`,
    `A stick did not help. It broke [in two|with a sad little noise].`,
  ],
  'try.shoe': [
    `{A} threw a shoe at it. Now a shoe was stuck, too.`,
    `Then {A} threw a shoe, and the shoe stayed up there as well.`,
  ],
  'try.shout': [
    `"Come down!" shouted {A}. It did not listen.`,
    `{A} shouted at it. {A} said please. Nothing helped.`,
  ],
  arrive: [
    `Just then {B.intro} came by. "Trouble?" asked {B}.`,
    `{B.intro} had been watching [from a bench|for a while]. "May I?" asked {B}.`,
  ],
  'rescue.ladder': [
    `{B} [brought|fetched] a ladder, climbed up, and threw {o} down to {A.n}.`,
    `There was a ladder behind the barn. {B} held it, {A} climbed, and soon {o} was safe.`,
  ],
  'rescue.net': [
    `{B} had a fishing net on a very long pole. One swing, and {o} was in it.`,
    `"Wait here," said {B}, and came back with a net. It took three tries and one sneeze.`,
  ],
  'rescue.crows': [
    `{B} whistled, and two crows pushed {o} until it fell.`,
    `{B} talked to a crow. It wanted a nut for the job. A nut it was, and down came {o}.`,
  ],
  shoe: [
    `The shoe came down last, and landed on {A.his} head.`,
    `"And the shoe, please," said {A}, standing on one foot.`,
  ],

  birthday: [
    `Tomorrow was the birthday of {B.intro}, and {A.n} wanted to make {d.a}.`,
    `{A} had a plan: {d.a} for {B.intro}, whose birthday was the next day.`,
  ],
  missing: [
    `But there was no {i} in the house. [Not one spoon of it|Not even in the secret jar].`,
    `{A} opened the cupboard. No {i}! [Only an old onion|Only a moth].`,
  ],
  borrow: [
    `So {A} went to {C}. "Do you have some {i}?"`,
    `{A} knocked on the door of {C}. "Could I have a little {i}, please?"`,
  ],
  'price.joke': [
    `"For a good joke, yes," said {C}.`,
    `{^C} had plenty. "But I have not laughed since spring. Tell me a joke."`,
  ],
  'price.song': [
    `"I will trade it for a song," said {C}.`,
    `"It costs one song," said {C}, and sat down to listen.`,
  ],
  'price.hens': [
    `"Count my hens first," said {C}. "They never stand still."`,
    `{^C} said yes, if someone would first count the hens.`,
  ],
  'price.hat': [
    `"Find my hat first," said {C}. "I have been looking all day."`,
    `"I cannot think without my hat," said {C}. "Find it, and you can have some."`,
  ],
  'pay.joke': [
    `{A} told the one about the fish and the umbrella. {^C} laughed so hard that {C.he} dropped the jar.`,
    `"Why did the egg cross the road? It was not a hen yet." {^C} laughed for an hour.`,
  ],
  'pay.song': [
    `{A} sang, not well, but loudly. {^C} clapped, mostly because it was over.`,
    `The song had nine verses. After the third, {C} said, "Take it, take it!"`,
  ],
  'pay.hens': [
    `{A} counted nine, then seven, then twelve. "Good enough," said {C}.`,
    `Counting hens is like counting rain, but in the end {A} did it.`,
  ],
  'pay.hat': [
    `It was on {C.his} head, of course. [Both of them laughed|"Ah," said {C}].`,
    `{A} pointed at {C.his} head. "Oh!" said {C}, and gave twice as much {i}.`,
  ],
  'baked.boot': [`The {d} came out [looking like a boot|in the shape of a boot]. Nobody knew why.`],
  'baked.lean': [`The {d} leaned to one side, [like an old tree|as if it was listening].`],
  'baked.hole': [
    `A corner of the {d} was missing, because somebody had [tasted it|tested it]. Twice.`,
  ],
  taste: [
    `But {B} took one bite and closed {B.his} eyes. "This is the best {d} in the world," {B.he} said.`,
    `{B} ate all of it and asked for more. "[Who cares how it looks|It tastes like a holiday]!" said {B}.`,
  ],

  afraid: [
    `There was one thing that {A.n} was afraid of: {z}.`,
    `{A} was brave about most things, but not about {z}.`,
  ],
  left: [
    `And now {o.full} was {q}, where {A} had left it, and it was getting late.`,
    `That day {A} left {o.full} {q}. Getting it back meant only one thing: {z}.`,
  ],
  tellfriend: [
    `"I can't do it," {A} told {B.intro}.`,
    `{A} told {B.intro} about it, very quietly.`,
  ],
  'advice.count': [
    `"Count your steps," said {B}. "Numbers scare fear away."`,
    `"Fear can't count," said {B}. "So count."`,
  ],
  'advice.sing': [
    `"Sing," said {B}. "Fear has no ear for music."`,
    `"I always sing when I am scared," said {B}. "Badly. It works."`,
  ],
  'advice.hand': [
    `"Hold my hand," said {B}. "Two small braves make one big one."`,
    `"I will come with you," said {B}, "and hold your hand."`,
  ],
  'step.count': [
    `One, two, three... At forty {A} noticed that {A.he} had forgotten to be afraid.`,
    `{A} counted every step, and some of them twice.`,
  ],
  'step.sing': [
    `So {A} sang about cheese, all the way there.`,
    `{A} sang so loudly that an owl moved out.`,
  ],
  'step.hand': [
    `They walked slowly, hand in hand, and only stopped [once|twice].`,
    `{A} held on very tightly, and they went, step by step.`,
  ],
  gotback: [
    `And then {A} was {q}, and there was {o.full}. [That was all|It had not been so bad].`,
    `There it was, {q}! {A} picked up {o} and ran all the way back.`,
  ],
  alsoafraid: [
    `"To tell the truth," said {B}, "I am afraid of {z}, too." Both of them laughed.`,
    `"You know," said {B}, "I had my eyes closed the whole time. I don't like {z}."`,
  ],

  errand: [
    `One job had to be done that day: to take {o.a} to {B}, who was waiting {q}.`,
    `"Please take {o.full} to {B}," said {A.his} mother. "You will find {B.him} {q}."`,
  ],
  'block.river': [
    `But the river had washed the bridge away.`,
    `Halfway there, the river was too high to cross.`,
  ],
  'block.goat': [
    `But a big goat stood in the middle of the road, chewing.`,
    `On the narrow path stood a goat that did not believe in moving.`,
  ],
  'block.fog': [
    `But the fog was so thick that every tree looked the same.`,
    `Then the fog came down, and the road was gone.`,
  ],
  'block.mud': [
    `But the road was deep mud, and {A} sank in up to the knees.`,
    `The rain had turned the road into soup.`,
  ],
  'fail.river': [
    `{A} tried to jump across, and got wet to the ears.`,
    `{A} tried to float over on a door. The door had other plans.`,
  ],
  'fail.goat': [
    `{A} pushed it. The goat enjoyed that.`,
    `{A} said please, and the goat ate {A.his} button.`,
  ],
  'fail.fog': [
    `{A} walked in a circle and met {A.his} own footprints.`,
    `{A} asked the way, but it was a post.`,
  ],
  'fail.mud': [
    `{A} pulled one foot out, and the other went deeper.`,
    `{A} took three steps and lost both shoes.`,
  ],
  comes: [
    `Luckily, {C.intro} came along. "Need a hand?" asked {C}.`,
    `"You look like someone with a problem," said a voice. It was {C.intro}.`,
  ],
  'solve.river': [
    `{C} knew a row of flat stones, and they hopped over, one by one.`,
    `{C} had a little boat. It leaked, but only on one side.`,
  ],
  'solve.goat': [
    `{C} whispered something in the goat's ear, and it went off, blushing.`,
    `{C} held up a carrot, and the goat walked away after it.`,
  ],
  'solve.fog': [
    `{C} knew the way by smell. "Left at the bakery," {C.he} said.`,
    `{C} rang a bell at every corner, and {A} followed the sound.`,
  ],
  'solve.mud': [
    `{C} put down some boards, and the mud had to let go.`,
    `{C} pulled, and with a loud plop {A} was free.`,
  ],
  delivered: [
    `At last {A} stood {q} and gave {o.full} to {B}.`,
    `{^B} was still waiting {q}. "For you," said {A}, and gave {B.him} {o.full}.`,
  ],
  'reward.soup': [
    `There was hot soup for everybody, and {C} ate for three.`,
    `"You are wet! Sit down and have some soup," said {B}.`,
  ],
  'reward.story': [`{^B} told a long story about a whale, and most of it was true.`],
  'reward.coin': [`{^B} gave {A.him} a shiny coin. "One for the road," {B.he} said.`],

  spot: [
    `{A.n} and {B.intro} saw it at the same time: {o.a}, {p}.`,
    `There was {o.a} {p}. {A} saw it. So did {B.intro}.`,
  ],
  mine: [
    `"Mine!" said {A}. "I saw it with both eyes!" said {B}.`,
    `"It is mine!" they both cried, and each took one end of it.`,
  ],
  'harm.pond': [
    `They pulled and pulled, and {o} flew into the pond.`,
    `One pulled left, one pulled right. Splash! {^o} was in the water.`,
  ],
  'harm.crack': [
    `They pulled, and then there was a crack. {^o} was broken.`,
    `Crack! Now there were two halves, and nobody wanted half.`,
  ],
  'harm.goose': [
    `While they were shouting, a goose walked off with {o}.`,
    `They shouted so long that nobody saw the goose. It took {o} and left.`,
  ],
  silence: [
    `After that they did not speak. {A} looked at the sky, {B} at the ground.`,
    `They sat back to back and said nothing, very loudly.`,
  ],
  wise: [
    `{C.intro} sat down between them. "{w}" said {C}.`,
    `"{w}" said {C.intro}, who had seen it all.`,
  ],
  sorry: [
    `"I am sorry," said {A}. "So am I," said {B}.`,
    `They both said sorry at the same time, and then both laughed.`,
  ],
  'mend.pond': [
    `Together they fished {o.full} out with a rake.`,
    `{B} rolled up {B.his} sleeves, {A} held on, and they pulled {o.full} out.`,
  ],
  'mend.crack': [
    `They glued {o.full} together. It was a bit crooked, but it held.`,
    `{A} had string and {B} had glue. {^o.full} looked almost new.`,
  ],
  'mend.goose': [
    `It took both of them to talk to the goose. She gave {o.full} back for a bun.`,
    `{A} ran left, {B} ran right, and the goose gave up.`,
  ],
  'share.days': [
    `From that day on, each of them had it every other day.`,
    `"You on even days, I on odd ones," they agreed.`,
  ],
  'share.together': [
    `It was more fun with two, anyway.`,
    `They took turns, and then forgot whose turn it was.`,
  ],
  'share.gift': [`In the end they gave it to {C}, who needed it most.`],

  'odd.pies': [
    `Something strange was going on {p}. Every night, one pie was gone.`,
    `Pies were going missing {p}. Three so far, and not a crumb left.`,
  ],
  'odd.noise': [
    `Every night there was a noise {p}: bump, bump, squeak.`,
    `Something went "whoo" {p} at midnight. [Nobody had slept for days|The whole street was tired].`,
  ],
  'odd.prints': [
    `One day there were footprints {p}, and they went up the wall.`,
    `Somebody had left tiny white footprints {p}.`,
  ],
  suspect: [
    `"I bet it was {C.n}," {A} told {B.intro}. "{^C.he} looked too happy."`,
    `Everyone thought it was {C.intro}. {A} was not sure, and asked {B.intro} for help.`,
  ],
  watch: [
    `That night {A.n} and {B.n} hid {p}, under a blanket.`,
    `So {A.n} and {B.n} sat {p} in the dark and waited.`,
  ],
  wait: [
    `The clock struck ten. The clock struck eleven. {B} started to snore.`,
    `They waited and waited. {B} ate both sandwiches. And then they heard it.`,
  ],
  'truth.pies': [
    `A tiny door opened, and out came a family of mice with forks.`,
    `In came a hedgehog with a napkin round its neck. "Good evening," it said.`,
  ],
  'truth.noise': [
    `And what was it? Only the wind, blowing over an empty jar.`,
    `In the corner stood an old clock. It was trying to learn a song.`,
  ],
  'truth.prints': [
    `Then a kitten walked by. It had been playing in the flour.`,
    `In came a small owl with white feet, learning to walk like a king.`,
  ],
  apology: [
    `{A} went to {C} and said sorry. "I did like being a mystery," said {C}.`,
    `In the morning {A} told {C.n} the whole story, and they both laughed until it hurt.`,
  ],

  race: [
    `There was to be a race, all the way {q.to}. The prize was {o.a}, and {A.n} wanted it badly. So did {B.intro}.`,
    `{A.n} and {B.intro} were going to run a race. It ended {q}, and the winner would get {o.a}.`,
  ],
  favourite: [
    `Everybody said that {B.n} would win, because of {B.his} long legs.`,
    `{B} was fast. {B} had won last year, and the year before that.`,
  ],
  start: [
    `"Ready, steady..." The bell rang, and off they went.`,
    `Somebody dropped a hat, and that meant go.`,
  ],
  'mishap.ditch': [`{B} was far ahead, and looked back to wave, and fell into a ditch.`],
  'mishap.bees': [`{B} took a short cut through some flowers. The bees did not like it.`],
  'mishap.shoe': [`{B} was in front, when one shoe flew off and hit a cow.`],
  stops: [
    `{A} could have run past. {A} really could have. But {A.he} stopped.`,
    `For the first time {A} was ahead. Ten steps later {A.he} turned round.`,
  ],
  'aid.ditch': [`"Take my hand," said {A.n}, and pulled {B.n} out.`],
  'aid.bees': [`{A} waved a wet towel, and the bees went home.`],
  'aid.shoe': [`{A} found the shoe. The cow was not angry, only surprised.`],
  'result.tie': [
    `They crossed the line together, arm in arm, and {A} was allowed to keep {o.full}.`,
  ],
  'result.snail': [
    `While they talked, {C} walked past them and won {o.full}, without knowing there was a race.`,
  ],
  'result.rival': [
    `{B} won, by a nose. But {B} gave {o.full} to {A.n}. "You earned it," {B.he} said.`,
  ],

  newcomer: [
    `A new face came to town: {B.intro}. {B.he} moved into a little house {p}.`,
    `That week, {B.intro} came to live in an empty house {p}.`,
  ],
  'strange.back': [
    `{B} wore {B.his} coat back to front.`,
    `{B} put sugar on soup and salt in tea.`,
  ],
  'strange.whisper': [
    `{B} spoke so softly that people thought it was the wind.`,
    `{B} only whispered, and mostly to flowers.`,
  ],
  'strange.bag': [
    `{B} carried a huge bag and never opened it.`,
    `{B} had a bag that sometimes moved.`,
  ],
  others: [`"How odd," people said, and went home.`, `The others looked, and then looked away.`],
  invite: [
    `But {A} went over and knocked. "We are playing a game. Do you want to come?"`,
    `{A} did not mind odd things. "Come and sit with me," {A.he} said to {B.n}.`,
  ],
  trouble: [
    `In the middle of the game, a small lamb ran off into the fog.`,
    `Then a kitten climbed the tower and could not get down.`,
  ],
  'talent.whistle': [
    `{B} put two fingers in {B.his} mouth and whistled. It was the loudest whistle ever, and the little one came running.`,
  ],
  'talent.jump': [
    `{B} took off the heavy coat and jumped, up and over, like a spring. A moment later everyone was safe.`,
  ],
  'talent.paint': [
    `{B} drew a big carrot on the wall, so real that the little one came to eat it.`,
  ],
  friends: [
    `"Where did you learn that?" asked {A}. {B} smiled, and told {A.him} everything.`,
    `After that, there were always two cups on the table: one for {A.n} and one for {B.n}.`,
  ],

  bored: [
    `{A} was bored, and {B.intro} was asleep under a tree. That was a bad mix.`,
    `{A} wanted to play a joke on {B.intro}. Just a small one.`,
  ],
  'prank.salt': [
    `So {A} put salt in the sugar pot.`,
    `{A} took the sugar out of the pot and put salt in.`,
  ],
  'prank.bell': [
    `{A} tied a bell to {B.his} coat.`,
    `Very quietly, {A} hung a cow bell on {B.his} back.`,
  ],
  'prank.clock': [
    `{A} turned every clock in the house two hours ahead.`,
    `{A} climbed up and moved the big clock forward by two hours.`,
  ],
  'effect.salt': [`{B} put three spoons in {B.his} tea. {^B.he} drank. {^B.he} turned green.`],
  'effect.bell': [`Wherever {B} went, twelve cows came after {B.him}.`],
  'effect.clock': [`{B} jumped up, had breakfast in the dark, and ran to work in {B.his} pyjamas.`],
  laugh: [
    `{A} laughed so hard that {A.he} fell off the wall.`,
    `{A} had to bite {A.his} sleeve, it was so funny.`,
  ],
  hurt: [
    `But {B} sat down on the step, and a tear rolled down {B.his} nose.`,
    `But then {B} said, "I had a bad week, and now this." It was not funny any more.`,
  ],
  confess: [
    `"It was me," said {A.n}. "I am sorry." {B} looked at {A.him} for a long time.`,
    `{A} told {B.n} the truth and brought a cake, a real one, with real sugar.`,
  ],
  'revenge.socks': [`The next day, all of {A.s} socks were tied together. They were even now.`],
  'revenge.frog': [
    `"All right," said {B}. That night there was a frog in {A.s} bed, wearing a bow.`,
  ],
  'revenge.cake': [
    `"I forgive you," said {B}, and {B.his} eyes were shining. The cake, {A} found out, was made of soap.`,
  ],

  seed: [
    `{B.intro} gave {A.him} a {x} seed. "It is a good one," said {B}.`,
    `One day {A} got a single {x} seed from {B.intro}.`,
  ],
  plant: [
    `{A} planted it {p}, and sat down to wait.`,
    `{A} dug a hole {p}, put it in, and said good night to it.`,
  ],
  'grow.water': [`{A} gave it water, and then more water, until a duck moved in.`],
  'grow.sing': [`{A} sang to it, all the songs {A.he} knew. It was two songs.`],
  'grow.shout': [`"Grow!" shouted {A}. A worm looked out and went back in.`],
  'grow.dig': [
    `{A} dug it up to see if it was growing. It was not. {A} said sorry and put it back.`,
  ],
  patience: [
    `"You can't pull a plant out by its hair," said {B}. "Wait."`,
    `{B} laughed. "It is not asleep. It is getting ready."`,
  ],
  'grown.huge': [
    `And one morning it was there, so tall that {A.n} could not see the top. Birds asked if there were rooms free.`,
  ],
  'grown.wrong': [
    `Then it came up, green and strong. It was not a {x} at all. It was a very fine potato. "Oops," said {B}.`,
  ],
  'grown.one': [
    `Weeks later there was one leaf. It was the best leaf in the world, and people came from far away to see it.`,
  ],

  invent: [
    `{A} was building a machine {p}. It was going to {m}.`,
    `{A} had an idea: a machine to {m}. It took a week of banging {p}.`,
  ],
  parts: [
    `It was made of two wheels, a pot, and something from a piano.`,
    `There were springs in it, and a fan, and a boot that kicked.`,
  ],
  show: [
    `"Watch this!" {A} said to {B.intro}, and pulled the handle.`,
    `{B.intro} was the first to see it. {A} pressed the red button.`,
  ],
  'broken.run': [`The machine shook, coughed, and ran out of the door.`],
  'broken.loud': [
    `It made a noise like a hundred spoons falling down the stairs, and then it stopped.`,
  ],
  'broken.wrong': [`It threw a plate, then a shoe, and then it started on the furniture.`],
  idea: [
    `{B} walked round it twice. "What if this part goes the other way?" {B.he} asked.`,
    `"It is not broken," said {B}. "It just doesn't know what it wants to be."`,
  ],
  'fixed.dance': [
    `They turned one wheel round, and now it played music. The whole town came to dance.`,
  ],
  'fixed.slow': [`They took out half of it. It was very slow now, but it worked, and it hummed.`],
  'fixed.hens': [`They put it in the hen house. The hens loved it, and nobody ever found out why.`],

  storm: [
    `After dark, the rain came down in buckets and the windows shook.`,
    `Then a storm came up. The thunder walked up and down on the roof.`,
  ],
  knock: [
    `There was a knock at the door. It was {B.intro}, as wet as a fish.`,
    `Knock, knock. Outside stood {B.intro}, with water running out of both ears.`,
  ],
  lastfood: [
    `{A} had only one {x} left. {A} looked at it, and at {B.n}, and broke it in two.`,
    `"Come in," said {A}. There was just one {x} in the whole house, and half of it went to {B.n}.`,
  ],
  'evening.stories': [
    `They told each other stories until the fire went out. The best one had a whale in it.`,
  ],
  'evening.cards': [`They played cards with an old pack. It had five kings and no queen.`],
  'evening.stars': [
    `Later the clouds went away, and they gave the stars new names. One was called Soup.`,
  ],
  morning: [
    `In the morning {B} was gone. The bed was made, and the window was open.`,
    `When {A} woke up, {B} had left without a word.`,
  ],
  giftleft: [
    `But on the table {B} had left {o.a} and a note: "For half of everything."`,
    `Under the pillow lay {o.a}. {B} had left it there, with a note that said only "thanks".`,
  ],

  mapfound: [
    `{A} found an old map {p}. In one corner there was a red cross.`,
    `Something stuck out of the floor {p}. {A} pulled, and it was a map.`,
  ],
  mapfriend: [
    `{A} ran to show it to {B.intro}. "Bring a spade," said {B}.`,
    `"A treasure!" said {B.intro}, who could not keep a secret, but tried.`,
  ],
  'riddle.steps': [
    `"Twenty steps," said the map, but not whose steps. They took ten long ones and ten short ones.`,
  ],
  'riddle.shadow': [
    `"Follow the longest shadow," it said. They followed a cow for a while, by mistake.`,
  ],
  'riddle.nose': [
    `"Follow your nose," it said. Their noses led them first to a bakery, and then onward.`,
  ],
  dig: [
    `They dug {q} until their arms hurt. {B} found three worms and greeted each of them.`,
    `{q} they began to dig. The hole got deeper, and so did the silence.`,
  ],
  chestopen: [
    `At last the spade hit wood. It was a chest, and in the chest was {o.a}.`,
    `Clonk! There, {q}, lay a small box. They opened it and found {o.a}.`,
  ],
  'note.pirate': [`A note said: "Sorry, I spent the gold. Yours, a pirate."`],
  'note.child': [`A note said: "I was seven and this was my best thing. Now it is yours."`],
  'note.granny': [`Their grandmother laughed when she saw it. "So that is where I put it!"`],

  moonfell: [
    `On the way home {A} looked into the well, and there was the moon. It had fallen in!`,
    `{A} looked down the well and cried out. The moon was lying at the bottom.`,
  ],
  moontool: [
    `{A} ran for {x.a}. Somebody had to save it.`,
    `"Wait, I am coming!" {A} called to the moon, and fetched {x.a}.`,
  ],
  moonpull: [
    `{A} pulled and pulled, and then fell over, flat on the grass.`,
    `The moon was heavy and wet, and it broke in pieces each time.`,
  ],
  mooncomes: [
    `{B.intro} was passing by. "What are you doing?" asked {B}.`,
    `"Fishing?" asked {B.intro}, who could not sleep either.`,
  ],
  'mooncalm.up': [`{B} pointed up. There it was, round and dry. "You did it," said {B}.`],
  'mooncalm.secret': [
    `{B} looked at the sky, and at the well, and decided to say only, "Well done."`,
  ],
  'mooncalm.cheese': [
    `"That one is only the spare moon," said {B}. "They keep it there in case it rains."`,
  ],

  tradewant: [
    `{^C} had {z.a} for sale, and {A.n} wanted it more than dinner.`,
    `{A} stood at the window of {C} and looked at {z.a}. It cost too much.`,
  ],
  nomoney: [
    `{A} had no money, only {o.a}.`,
    `In {A.his} pocket was not one coin. But there was {o.a}.`,
  ],
  trade: [
    `{B.intro} liked {o.full}. "I will give you {x.a} for it," said {B}. They shook hands.`,
    `So {A} gave {o.full} to {B.intro}, and got {x.a} for it.`,
  ],
  tradetwo: [
    `"Oh! I have looked for {x.a} for years," said {C}, and gave {z.full} for it.`,
    `{A} took {x.full} to {C}. {^C.he} turned it over twice and said, "Done!" So {z.full} was paid for.`,
  ],
  'tradeend.back': [
    `On the way home {A} met {B}, who already missed {B.his} old things. They agreed to visit each other's.`,
  ],
  'tradeend.fair': [`Everybody had what they wanted, and nobody knew who had been clever.`],
  'tradeend.laugh': [
    `"I would have given it to you for a smile," {C} said later. They both laughed.`,
  ],

  hatch: [
    `{A} found an egg {p}, still warm. Then it cracked, and out came a duckling.`,
    `There was a round egg {p}. {A} only wanted to look, but it opened at once, and a duckling looked back.`,
  ],
  mama: [
    `"Mama!" it said, and looked at {A.n} with shining eyes.`,
    `The duckling looked at {A.n} and decided. "Mama," it said.`,
  ],
  'follow.school': [`It followed {A.him} everywhere. At lunch it stood in the soup.`],
  'follow.bath': [`It slept in a shoe, it bathed in a cup, and it would not eat alone.`],
  'follow.walk': [`Left, right, left: wherever {A} went, two small wet feet went too.`],
  duckhelp: [
    `{A} asked {B.intro} what to do. "I am not a duck," said {A}. "I have checked."`,
    `"It needs a real mother," said {B.intro}, and {A} knew that it was true.`,
  ],
  duckplan: [
    `"There is a duck {q} who counts her eggs and cries," said {B}. "Let us go there."`,
    `{B} had heard a duck calling {q}. So off they went, all three.`,
  ],
  duckmother: [
    `{q} a big white duck stood up. The little one ran, and fell, and ran again.`,
    `The mother duck was {q}. She said just one thing, "There you are," and opened a wing.`,
  ],
  'duckend.visit': [
    `Every Sunday now, a duckling waits at the gate and says "Mama" to two people.`,
  ],
  'duckend.quack': [`{A} waved until they were gone. Then {A.he} said "quack", very softly.`],
  'duckend.egg': [`The next day there was a feather on the step, as a thank-you.`],

  'aside.0': [`Somewhere a kettle began to sing.`],
  'aside.1': [`A snail crossed the road. It took most of the day.`],
  'aside.2': [`The postbox yawned, or perhaps it was only rusty.`],
  'aside.3': [`Two pigeons argued about a crumb.`],
  'aside.4': [`Far away a train whistled, late as usual.`],
  'aside.5': [`A spider mended its web and tested every thread.`],
  'aside.6': [`The church bell rang thirteen times. It had never been good with numbers.`],
  'aside.7': [`An acorn fell on a statue and bounced twice.`],
  'aside.8': [`The smell of fried onions drifted over the fence.`],
  'aside.9': [`A moth was reading the newspaper, very close to the lantern.`],
  'aside.10': [`On the corner, a violin was being tuned, badly.`],
  'aside.11': [`Three ants carried a pea up the steps.`],
  'aside.12': [`Someone's grandfather was snoring like a saw.`],
  'aside.13': [`A paper boat sailed down the gutter with no captain.`],
  'aside.14': [`The scarecrow had a new tie and looked important.`],
  'aside.15': [`A wheelbarrow stood in the middle of the lane, thinking.`],
  'aside.16': [`In the ditch, the frogs were holding a meeting.`],
  'aside.17': [`A lizard changed its mind and went the other way.`],
  'aside.18': [`The barber swept his shop and found a whole beard.`],
  'aside.19': [`Above the chimneys, the swallows were practising turns.`],
  'aside.20': [`A cabbage rolled off a cart and nobody chased it.`],
  'aside.21': [`Next door, somebody dropped a tray of glasses and said nothing.`],
  'aside.22': [`The weather vane pointed at itself.`],
  'aside.23': [`A beetle polished its wings for the evening.`],
  'aside.24': [`The sheep on the slope looked like fallen clouds.`],
  'aside.25': [`Under the bench, a sparrow guarded half a biscuit.`],
  'aside.26': [`A puppet in the toy shop window seemed to wink.`],
  'aside.27': [`The blacksmith hummed, and his hammer kept time.`],
  'aside.28': [`A curtain moved, but it was only the curious neighbour.`],
  'aside.29': [`Dandelion seeds floated past like tiny umbrellas.`],
  'aside.30': [`The tailor had sewn a sleeve to a tablecloth and was pretending it was fashion.`],
  'aside.31': [`A bat hung in the doorway like a forgotten glove.`],
};

/** What is said: in thanks ({c}), in answer to thanks ({y}), by someone wise ({w}). */
export const sayings = {
  c: [
    'I will bake you a cake!',
    'You are the best!',
    'I will never forget this.',
    'Next time I will help you.',
    'Come to dinner, with both of your feet!',
  ],
  y: ['Just smile,', 'A bun would be nice,', 'You already did,', 'Tell me a story one day,'],
  w: [
    'Half a joy is still a joy, but half a friend is none,',
    'I once fought over a hat. It was too small for both of us,',
    'Two hands are made for sharing,',
    'A thing is only a thing,',
  ],
};

/** Questions: how they are asked. The answers come from the story. */
export const questions = {
  lost: [`What did {A.n} lose?`],
  search: [`Where did {A.n} look first?`],
  found: [`Where did they find {o.full}?`, `Where was {o.full} found?`],
  helper: [`Who helped {A.n}?`],
  stuck: [`What got stuck?`],
  stuckwhere: [`Where did {o.full} get stuck?`],
  make: [`What did {A.n} want to make?`],
  missing: [`What was missing in the house?`],
  gave: [`Who had some {i}?`],
  birthday: [`Whose birthday was it?`],
  afraid: [`What was {A.n} afraid of?`],
  left: [`What did {A.n} leave behind?`],
  leftwhere: [`Where had {A.n} left {o.full}?`],
  adviser: [`Who gave {A.n} advice?`],
  carry: [`What did {A.n} have to deliver?`],
  receiver: [`Who got {o.full}?`],
  leftwhere2: [`Where was {B.n} waiting?`],
  wanted: [`What did {A.n} and {B.n} both want?`],
  spotted: [`Where was {o.full} at first?`],
  wise: [`Who made peace between {A.n} and {B.n}?`],
  suspect: [`Who was thought to have done it?`],
  watcher: [`Who kept watch with {A.n}?`],
  watchplace: [`Where did {A.n} and {B.n} hide?`],
  prize: [`What was the prize?`],
  rival: [`Who raced against {A.n}?`],
  finish: [`Where did the race end?`],
  newcomer: [`Who was new in town?`],
  newplace: [`Where was {B.s} new house?`],
  inviter: [`Who invited {B.n}?`],
  pranked: [`Who was the joke on?`],
  prankster: [`Who played a joke on {B.n}?`],
  planted: [`What kind of seed did {A.n} plant?`],
  seedgiver: [`Who gave {A.n} the seed?`],
  built: [`Where did {A.n} build the machine?`],
  shown: [`Who saw the machine first?`],
  visitor: [`Who knocked at the door?`],
  lastfood: [`What did {A.n} share?`],
  giftleft: [`What did {B.n} leave as a present?`],
  mapfound: [`Where did {A.n} find the map?`],
  dugup: [`What was the treasure?`],
  digplace: [`Where did {A.n} and {B.n} dig?`],
  companion: [`Who went with {A.n}?`],
  moontool: [`What did {A.n} fetch to save the moon?`],
  mooncomes: [`Who met {A.n} at the well?`],
  tradewant: [`What did {A.n} want to have?`],
  traded: [`What did {A.n} get from {B.n}?`],
  nowowns: [`Who has {o.full} in the end?`],
  hatch: [`Where did {A.n} find the egg?`],
  duckhelp: [`Who helped {A.n} with the duckling?`],
  duckmother: [`Where was the mother duck?`],
  mood: [`How did {A.n} feel in the end?`],
};
