import { createRandom, type Random } from '../../kernels/random.ts'

/** `one|several`, or a word that takes an s. */
const people =
  'man|men woman|women boy girl child|children person|people baby|babies kid teenager student teacher worker chef cook doctor nurse farmer soldier dancer singer musician artist athlete player runner swimmer cyclist rider driver tourist fisherman|fishermen policeman|policemen couple father mother grandmother friend lady|ladies guy skateboarder surfer climber clown waiter hiker'
const animals =
  'dog cat horse cow sheep|sheep goat pig bird duck monkey elephant lion tiger bear rabbit squirrel panda puppy|puppies kitten fish|fish turtle parrot hamster deer|deer'
const looks = 'young old little tall small happy tired blond smiling bearded elderly busy strong thin wet angry'
const coats = 'young old little big small brown black white grey spotted fluffy wet hungry wild'
const colours = 'red blue green yellow black white orange purple pink grey'
const clothes = 'shirt jacket hat dress coat sweater helmet scarf uniform cap costume swimsuit'
const places =
  'in_the_park on_the_beach in_the_kitchen on_the_street at_the_table in_the_snow in_the_water in_a_field on_a_stage in_the_garden at_home in_the_woods near_the_river on_the_grass in_a_restaurant in_a_classroom outside indoors in_the_rain by_the_lake in_the_mountains on_a_bench in_the_city in_front_of_a_crowd under_a_tree behind_the_house on_a_boat at_the_market in_the_gym at_night on_the_road in_an_office'
/** Verb: -ing, third person, participle; then what it takes. */
const actions = [
  'using,uses,used: computer phone hammer saw machine keyboard',
  'putting_on,puts_on,put_on: jacket makeup shoes hat',
  'taking,takes,taken: photo nap bath picture',
  'making,makes,made: cake sandwich basket pot speech phone_call',
  'lifting,lifts,lifted: box weights stone child',
  'touching,touches,touched: wall face animal',
  'leaving,leaves,left: room house train shop',
  'playing_with,plays_with,: toy ball dog doll kitten',
  'playing,plays,played: guitar piano violin flute drum trumpet',
  'playing,plays,played: football tennis chess basketball baseball cards a_video_game hockey volleyball',
  'cutting,cuts,cut: onion potato tomato carrot piece_of_paper bread meat tree cucumber hair rope',
  'slicing,slices,sliced: onion potato tomato apple loaf_of_bread banana cheese pepper',
  'peeling,peels,peeled: potato orange banana apple shrimp carrot',
  'chopping,chops,chopped: wood onion garlic herbs cabbage',
  'frying,fries,fried: egg fish chicken bacon',
  'mixing,mixes,mixed: eggs paint dough salad bowl_of_vegetables',
  'eating,eats,eaten: apple sandwich bowl_of_soup pizza cake salad banana hamburger rice ice_cream',
  'drinking,drinks,drunk: water coffee beer milk glass_of_juice tea',
  'cooking,cooks,cooked: dinner soup meat breakfast noodles',
  'pouring,pours,poured: water milk oil sauce wine',
  'riding,rides,ridden: bicycle horse motorcycle skateboard bus elephant wave scooter',
  'driving,drives,driven: car truck bus tractor boat',
  'washing,washes,washed: car dish window clothes dog face',
  'reading,reads,read: book newspaper letter map magazine email',
  'writing,writes,written: letter song note story',
  'drawing,draws,drawn: picture horse circle map',
  'painting,paints,painted: wall picture house fence',
  'holding,holds,held: ball baby umbrella sign camera knife flag phone',
  'carrying,carries,carried: bag box child ladder basket',
  'throwing,throws,thrown: ball stick frisbee stone snowball',
  'catching,catches,caught: ball fish bus butterfly',
  'kicking,kicks,kicked: ball door can',
  'pushing,pushes,pushed: cart car stroller button',
  'pulling,pulls,pulled: rope cart sled wagon',
  'opening,opens,opened: door window box bottle present',
  'closing,closes,closed: door window book gate',
  'building,builds,built: house wall sandcastle fire bridge',
  'repairing,repairs,repaired: car roof bicycle computer',
  'cleaning,cleans,cleaned: room floor fish table window',
  'watching,watches,watched: film game bird sunset television parade',
  'feeding,feeds,fed: baby dog bird horse',
  'chasing,chases,chased: cat ball bird mouse',
  'hugging,hugs,hugged: child dog friend tree',
  'buying,buys,bought: ticket bread flower car',
  'selling,sells,sold: fruit ticket flower newspaper',
  'wearing,wears,worn: hat mask coat helmet',
  'climbing,climbs,climbed: tree mountain ladder rock wall',
  'jumping_over,jumps_over,: fence wall puddle rope',
  'looking_at,looks_at,: map picture phone mountain painting',
  'talking_to,talks_to,: friend teacher camera doctor crowd',
  'sitting_on,sits_on,: chair bench sofa horse wall floor',
  'standing_on,stands_on,: roof rock bridge ladder stage',
  'running_through,runs_through,: field sprinkler forest street',
  'walking_with,walks_with,: dog child friend umbrella',
]
const deeds =
  'running,runs walking,walks jumping,jumps sleeping,sleeps dancing,dances singing,sings swimming,swims laughing,laughs crying,cries sitting,sits standing,stands smiling,smiles talking,talks working,works skiing,skis surfing,surfs fishing,fishes climbing,climbs playing,plays resting,rests waiting,waits shouting,shouts eating,eats drinking,drinks diving,dives falling,falls boxing,boxes exercising,exercises studying,studies praying,prays'
const beastly =
  'running,runs walking,walks jumping,jumps sleeping,sleeps swimming,swims eating,eats drinking_water,drinks_water chasing_a_ball,chases_a_ball climbing_a_tree,climbs_a_tree eating_grass,eats_grass barking,barks playing,plays sitting,sits flying,flies lying_down,lies_down drinking,drinks hiding,hides fighting,fights'
const massNouns = new Set(
  'football tennis chess basketball baseball cards hockey volleyball bread meat hair wood garlic herbs bacon eggs paint dough cake pizza salad rice cheese ice_cream water coffee beer milk tea dinner soup breakfast noodles oil sauce wine clothes television fruit cabbage chicken shrimp makeup shoes weights'.split(
    ' ',
  ),
)

interface Action {
  readonly ing: string
  readonly third: string
  /** Empty where there is no passive. */
  readonly participle: string
  readonly objects: readonly string[]
}

interface Scene {
  readonly subject: string
  readonly several: boolean
  readonly adjective: string
  readonly action: Action
  readonly object: string
  readonly place: string
  readonly wears: string
}

const listOf = (words: string) => words.split(' ')
const transitive = actions.map((line): Action => {
  const [verb, objects] = line.split(': ') as [string, string]
  const [ing, third, participle] = verb.split(',') as [string, string, string]
  return { ing, third, participle, objects: listOf(objects) }
})
const intransitive = (words: string): Action[] =>
  listOf(words).map((verb) => {
    const [ing, third] = verb.split(',') as [string, string]
    return { ing, third, participle: '', objects: [''] }
  })
const ofPeople = [...transitive, ...intransitive(deeds)]
const ofAnimals = intransitive(beastly)
const [everyone, beasts] = [listOf(people), listOf(animals)]

/**
 * Plain sentences about who does what where, in families that differ in one thing: the doer, the deed, its object, number,
 * tense, voice, place, or a negation. Encyclopaedias, news and posts have few such sentences, and no two of them alike but for
 * a word; the teacher's answers to these tell what one word changes.
 *
 * @param count - How many, each once.
 * @returns the same sentences for the same seed.
 */
export function everydaySentences(count: number, seed: number): string[] {
  const random = createRandom(seed).fork('everyday sentences')
  const sentences = new Set<string>()
  while (sentences.size < count) {
    const scene = sceneOf(random)
    const [first, second] = [say(scene, random), say(changed(scene, random), random)]
    const family = [first, second, say(changed(scene, random), random), otherwise(scene, random)]
    if (random.below(6) === 0) family.push(both(first, say(sceneOf(random), random)))
    for (const sentence of family) if (sentences.size < count) sentences.add(sentence)
  }
  return [...sentences]
}

function pick<T>(random: Random, values: readonly T[]): T {
  return values[random.below(values.length)] as T
}

function sceneOf(random: Random): Scene {
  const animal = random.below(5) === 0
  const action = pick(random, animal ? ofAnimals : ofPeople)
  return {
    subject: pick(random, animal ? beasts : everyone),
    several: random.below(5) === 0,
    adjective: random.below(3) === 0 ? pick(random, listOf(animal ? coats : looks)) : '',
    action,
    object: pick(random, action.objects),
    place: random.below(3) === 0 ? pick(random, listOf(places)) : '',
    wears: !animal && random.below(8) === 0 ? `${pick(random, listOf(colours))}_${pick(random, listOf(clothes))}` : '',
  }
}

/** The scene with one thing changed. */
function changed(scene: Scene, random: Random): Scene {
  const animal = beasts.includes(scene.subject)
  switch (random.below(6)) {
    case 0:
      return { ...scene, subject: pick(random, animal ? beasts : everyone) }
    case 1: {
      const action = pick(random, animal ? ofAnimals : ofPeople)
      return { ...scene, action, object: pick(random, action.objects) }
    }
    case 2:
      return { ...scene, object: pick(random, scene.action.objects) }
    case 3:
      return { ...scene, place: scene.place === '' ? pick(random, listOf(places)) : '' }
    case 4:
      return { ...scene, several: !scene.several }
    default:
      return { ...scene, adjective: scene.adjective === '' ? pick(random, listOf(animal ? coats : looks)) : '' }
  }
}

function subjectOf({ subject, several, adjective, wears }: Scene, determiner: string): string {
  const [one, many = `${one}s`] = subject.split('|') as [string, string?]
  const noun = [adjective, several ? many : one].filter((word) => word !== '').join(' ')
  const dressed = wears === '' ? noun : `${noun} in ${withDeterminer('a', wears)}`
  return withDeterminer(several && determiner === 'a' ? 'some' : determiner, dressed)
}

function withDeterminer(determiner: string, noun: string): string {
  return `${determiner === 'a' && /^[aeiou]/.test(noun) ? 'an' : determiner} ${noun}`.trim()
}

function objectOf(object: string): string {
  return object === '' || massNouns.has(object) || object.startsWith('a_') ? object : withDeterminer('a', object)
}

function say(scene: Scene, random: Random): string {
  const { action, several, place } = scene
  const subject = subjectOf(
    scene,
    several ? pick(random, ['two', 'three', 'the', 'a']) : pick(random, ['a', 'a', 'the']),
  )
  return sentence(subject, several ? 'are' : 'is', action.ing, objectOf(scene.object), place)
}

/** The scene in another form: negated, of a habit, or from the object's side. */
function otherwise(scene: Scene, random: Random): string {
  const { action, several, place } = scene
  const [is, object] = [several ? 'are' : 'is', objectOf(scene.object)]
  switch (random.below(4)) {
    case 0:
      return sentence(subjectOf(scene, 'the'), is, 'not', action.ing, object, place)
    case 1:
      return sentence('there', is, 'no', subjectOf(scene, ''), action.ing, object, place)
    case 2:
      return several || action.participle === '' || object === ''
        ? sentence(subjectOf(scene, 'a'), several ? 'were' : 'was', action.ing, object, place)
        : sentence(object, 'is being', action.participle, 'by', subjectOf(scene, 'a'), place)
    default:
      return several
        ? sentence('there are', subjectOf(scene, 'a'), action.ing, object, place)
        : sentence(subjectOf(scene, 'a'), action.third, object, place)
  }
}

function both(first: string, second: string): string {
  return `${first.slice(0, -1)} and ${second.charAt(0).toLowerCase()}${second.slice(1)}`
}

function sentence(...parts: readonly string[]): string {
  const text = parts
    .filter((part) => part !== '')
    .join(' ')
    .replaceAll('_', ' ')
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
