import { createRandom, type Random } from '../../kernels/random.ts'

const listOf = (words: string): string[] => words.split(' ').map((word) => word.replaceAll('_', ' '))

const things = listOf(
  'volcano computer telephone camera piano violin bridge castle train aeroplane bicycle clock telescope microscope battery mirror newspaper vaccine virus planet comet diamond gold silver copper oil salt sugar chocolate coffee tea bread cheese wine beer whale shark spider snake elephant eagle horse dinosaur tree rose potato tomato rice heart brain liver blood skin bone tooth cancer diabetes malaria fever headache earthquake hurricane tornado flood rainbow river mountain desert island ocean lake forest church temple museum library school university hospital prison court parliament election war treaty empire revolution constitution law tax bank stock currency company brand song album film novel poem play painting opera dance football baseball tennis chess marathon stadium trophy alphabet language dictionary calendar holiday wedding funeral passport visa satellite rocket engine robot internet website password software keyboard printer laser magnet atom molecule electron energy gravity light sound temperature pressure acid enzyme protein vitamin gene cell bacteria antibiotic insulin surgery',
)
const peopleWords = listOf(
  'president king queen emperor pope general scientist inventor explorer astronaut author poet painter composer singer actor director architect philosopher economist prime_minister governor mayor judge athlete coach team_captain quarterback chef detective pirate',
)
const placeNames = listOf(
  'London Paris New_York Tokyo Berlin Rome Madrid Moscow Beijing Sydney Chicago Boston Texas California Florida Canada Mexico Brazil Argentina Egypt Kenya Nigeria India China Japan Australia Ireland Scotland Italy Spain France Germany Greece Turkey Israel Iran Russia Poland Sweden Norway Switzerland Austria Hawaii Alaska Africa Europe Asia South_America the_United_States the_world',
)
const languages = listOf('English French Spanish German Italian Latin Greek Russian Chinese Japanese Arabic Hindi')
const letters = 'ABCDEFGHILMNOPRSTUVW'
const counted = listOf(
  'people countries states cities islands rivers languages students soldiers ships players goals points pages songs films books bones teeth legs eyes hours days miles feet calories gallons stars moons members employees children votes',
)
const traits = listOf(
  'name age height weight size length colour shape price speed temperature population area capital flag motto currency history purpose origin meaning definition symbol nickname address phone_number leader owner main_ingredient chemical_formula boiling_point life_expectancy',
)
const deedsPast = listOf(
  'invented discovered founded wrote painted composed designed built won lost directed produced starred_in sang played killed led ruled conquered explored bought sold opened named coined first_used first_described',
)
const kinds = listOf(
  'animal bird fish plant fruit vegetable food drink sport game instrument song film book language religion disease colour metal chemical car ship weapon tool currency company crime word',
)
const superlatives = listOf(
  'largest smallest oldest newest tallest longest fastest richest best worst most_famous first last',
)

/** What a question about `x` may ask; the answers of one line are of one kind. */
const asking: readonly ((x: string, random: Random) => string)[] = [
  (x, r) =>
    pick(r, [
      `Who ${pick(r, deedsPast)} the ${x}?`,
      `Who is the ${pick(r, peopleWords)} of the ${x}?`,
      `Who was the first ${pick(r, peopleWords)}?`,
      `Who owns the ${x}?`,
      `Which ${pick(r, peopleWords)} ${pick(r, deedsPast)} the ${x}?`,
    ]),
  (x, r) =>
    pick(r, [
      `How many ${pick(r, counted)} does the ${x} have?`,
      `How many ${pick(r, counted)} are there in ${pick(r, placeNames)}?`,
      `How many kinds of ${x} are there?`,
    ]),
  (x, r) =>
    pick(r, [
      `How much does a ${x} cost?`,
      `How much is a ${x} worth?`,
      `How much does a ${x} weigh?`,
      `What is the price of a ${x}?`,
    ]),
  (x, r) =>
    pick(r, [
      `How long is a ${x}?`,
      `How big is a ${x}?`,
      `How old is the ${x}?`,
      `How tall is the ${x}?`,
      `How fast is a ${x}?`,
      `How hot is the ${x}?`,
      `How far is ${pick(r, placeNames)} from ${pick(r, placeNames)}?`,
    ]),
  (x, r) =>
    pick(r, [
      `When was the ${x} ${pick(r, ['invented', 'discovered', 'built', 'founded', 'made'])}?`,
      `What year did the ${x} ${pick(r, ['begin', 'end', 'start', 'open', 'close'])}?`,
      `When did the ${pick(r, peopleWords)} die?`,
      `What date is ${pick(r, ['Easter', 'Christmas', 'Independence Day', 'the election'])}?`,
    ]),
  (x, r) =>
    pick(r, [
      `Where is the ${x}?`,
      `Where was the ${x} ${pick(r, ['invented', 'built', 'found', 'made', 'born'])}?`,
      `Where does the ${x} come from?`,
      `Where can I find a ${x}?`,
      `Where do ${x}s live?`,
    ]),
  (x, r) =>
    pick(r, [
      `What country has the ${pick(r, superlatives)} ${x}?`,
      `What city has the ${pick(r, superlatives)} ${x}?`,
      `Which state has the most ${x}s?`,
      `What is the ${pick(r, superlatives)} ${pick(r, ['city', 'country', 'river', 'mountain', 'lake', 'island', 'state'])} in ${pick(r, placeNames)}?`,
    ]),
  (x, r) =>
    pick(r, [
      `What is a ${x}?`,
      `What is the ${pick(r, traits)} of the ${x}?`,
      `What does a ${x} do?`,
      `What does a ${x} look like?`,
      `Define ${x}.`,
      `What does the word ${x} mean?`,
    ]),
  (x, r) =>
    pick(r, [
      `Why is the ${x} important?`,
      `Why do people need a ${x}?`,
      `Why did the ${x} end?`,
      `What causes a ${x}?`,
      `What is the reason for the ${x}?`,
    ]),
  (x, r) =>
    pick(r, [
      `How does a ${x} work?`,
      `How do you make a ${x}?`,
      `How is a ${x} made?`,
      `How did the ${x} get its name?`,
      `How can I get rid of a ${x}?`,
    ]),
  (x, r) =>
    pick(r, [
      `What kind of ${pick(r, kinds)} is a ${x}?`,
      `What ${pick(r, kinds)} is the ${x} named after?`,
      `Which ${pick(r, kinds)} has the ${pick(r, superlatives)} ${x}?`,
      `What colour is the ${x}?`,
      `What is the ${pick(r, languages)} word for ${x}?`,
    ]),
  (x, r) =>
    pick(r, [
      `What does ${acronym(r)} stand for?`,
      `What is the abbreviation for ${x}?`,
      `What do the letters ${acronym(r)} mean?`,
      `What is ${acronym(r)}?`,
    ]),
  (x, r) =>
    pick(r, [
      `Is the ${x} ${pick(r, ['dangerous', 'real', 'expensive', 'safe', 'old', 'still open'])}?`,
      `Are there any ${x}s in ${pick(r, placeNames)}?`,
      `Can you see the ${x} from ${pick(r, placeNames)}?`,
      `Does the ${x} have a ${pick(r, traits)}?`,
    ]),
  (x, r) =>
    pick(r, [
      `What is the difference between a ${x} and a ${pick(r, things)}?`,
      `Which is ${pick(r, ['bigger', 'older', 'better', 'faster', 'more expensive'])}, a ${x} or a ${pick(r, things)}?`,
    ]),
]

/** What people want done: verbs, and what each takes. */
const wishes = [
  'send transfer withdraw deposit exchange borrow lend save: some_money fifty_dollars two_hundred_euros cash my_salary',
  'check see know find_out tell_me: my_balance my_credit_score the_exchange_rate the_weather the_time the_price my_account_number the_score my_schedule the_traffic',
  'pay cancel dispute split forget: the_bill the_rent my_subscription the_fee my_taxes the_invoice the_fine',
  'order activate replace freeze cancel lose: a_new_card my_credit_card my_debit_card a_virtual_card my_gift_card',
  'change reset forget update: my_password my_pin my_address my_phone_number my_name my_email',
  'book cancel change confirm: a_flight a_hotel_room a_table a_taxi a_train_ticket an_appointment a_rental_car a_reservation',
  'set cancel change stop: an_alarm a_timer a_reminder the_volume the_thermostat',
  'play stop skip hear: a_song some_music jazz the_next_track an_audiobook the_radio the_news a_podcast',
  'cook make eat order buy: pizza dinner pasta a_cake soup rice sushi breakfast groceries coffee a_salad',
  'call text email answer meet: my_mother my_boss my_doctor a_friend customer_service the_bank the_police my_landlord',
  'turn_on turn_off dim fix: the_lights the_heating the_television the_air_conditioner the_oven the_fan',
  'add remove read clear: my_shopping_list my_to_do_list my_calendar a_meeting an_event',
  'return exchange refund track ship receive: my_order a_package the_shoes a_purchase an_item a_gift',
  'open close delete verify: an_account my_account my_profile my_identity a_savings_account',
  'fix repair wash rent sell park: my_car a_bike the_engine a_flat_tyre my_phone my_laptop',
  'learn teach study translate speak: French Spanish a_language a_word a_sentence to_swim to_drive',
  'find rent buy sell clean paint: a_house an_apartment the_kitchen the_bathroom a_garden',
  'take skip need refill: my_medicine a_vaccine a_day_off a_break an_exam a_loan a_mortgage insurance',
  'install update download share print: the_app the_software a_file a_photo the_document a_video',
  'lose_weight exercise sleep run walk travel work stop_smoking quit_my_job get_married:',
  'visit go_to travel_to move_to drive_to fly_to: London Paris New_York Japan the_beach the_airport the_museum the_gym Mexico Chicago',
]
const frames = [
  'I want to *',
  'I need to *',
  'I would like to *',
  'can you *',
  'can you help me *',
  'please *',
  '*',
  '*',
  'how do I *',
  'how can I *',
  'how long does it take to *',
  'how much does it cost to *',
  'what do I need to *',
  'where can I *',
  'when can I *',
  'when should I *',
  'why can I not *',
  'why do I have to *',
  'can I *',
  'do I have to *',
  'is it possible to *',
  'is it safe to *',
  'I tried to * but it failed',
  'I forgot to *',
  'remind me to *',
  'do not *',
  'I do not want to *',
  'what is the best way to *',
  'who can *',
  'what happens if I *',
  'tell me how to *',
  'let us *',
  'I am not able to *',
  'thank you for helping me *',
  'is there a fee to *',
  'how old must I be to *',
]
const extras = listOf(
  'tomorrow today on_Friday at_five next_week this_weekend in_the_morning tonight right_now abroad online from_my_phone with_my_card for_my_wife for_two_people again without_a_fee near_me in_London from_Boston_to_Denver every_day by_mistake as_soon_as_possible',
)
const troubles = [
  'my * is broken',
  'my * does not work',
  'my * has not arrived',
  'my * was declined',
  'my * is missing',
  'I lost my *',
  'someone stole my *',
  'I was charged twice for my *',
  'my * is still pending',
  'why is my * late',
  'my * expired',
  'where is my *',
  'the * is wrong',
  'I do not recognise this *',
  'I never got my *',
  'is my * ready',
  'I found my *',
  'how is my * doing',
  'my * is fine now',
  'what happened to my *',
  'when will my * arrive',
]
const belongings = listOf(
  'card phone order payment transfer refund package luggage account password laptop car flight passport salary wallet keys receipt subscription deposit insurance ticket dog heating internet printer visa cash_withdrawal top-up exchange_rate',
)
const opinions = [
  'The * was @.',
  'The * is @.',
  'This * is not @.',
  'I thought the * was @.',
  'I love this *, it is @.',
  'I hate this *, it is @.',
  'What a @ *!',
  'The * was not @ at all.',
  'The * is @ but also &.',
  'Not a @ *.',
  'The * is neither @ nor &.',
  'A @, & *.',
  'The * could have been more @.',
  'It is hard to find a more @ *.',
  'Nothing about the * is @.',
  'I am so happy with this *.',
  'I am very disappointed by the *.',
  'The * is too @.',
  'I would recommend this *.',
  'I would never buy this * again.',
  'The * made me @.',
]
const judged = listOf(
  'film movie book story plot acting cast script ending comedy drama food service hotel room staff product app game album song price quality phone battery screen delivery restaurant performance',
)
const verdicts = listOf(
  'good great excellent wonderful funny moving clever brilliant charming beautiful fresh delightful exciting bad terrible awful boring dull stupid slow predictable flat pointless disappointing annoying sad angry happy cheap expensive fast noisy clean dirty friendly rude useful useless broken perfect mediocre strange scary original',
)

/**
 * Plain questions, requests, complaints and opinions, in families that ask different things about one thing, or one thing about
 * different ones. The teacher's answers to these tell what `who`, `how many`, `cancel` or `not` change.
 *
 * @param count - How many, each once.
 * @returns the same texts for the same seed.
 */
export function everydayQuestions(count: number, seed: number): string[] {
  const random = createRandom(seed).fork('everyday questions')
  const texts = new Set<string>()
  while (texts.size < count) for (const text of pick(random, families)(random)) if (texts.size < count) texts.add(text)
  return [...texts]
}

const families: readonly ((random: Random) => string[])[] = [
  questions,
  questions,
  requests,
  requests,
  (random) => familyOf(random, troubles, belongings),
  (random) => familyOf(random, opinions, judged),
]

function questions(random: Random): string[] {
  const x = pick(random, things)
  const ask = pick(random, asking)
  return [x, x, x, pick(random, things), pick(random, things)]
    .map((thing, i) => (i === 1 || i === 2 ? pick(random, asking) : ask)(thing, random))
    .map((text) => text.replace(/\ba ([aeiou])/g, 'an $1'))
}

function requests(random: Random): string[] {
  const [wish, frame] = [wishOf(random), pick(random, frames)]
  return [
    frame.replace('*', say(wish)),
    pick(random, frames).replace('*', say(wish)),
    pick(random, frames).replace('*', say({ ...wish, verb: pick(random, wish.verbs) })),
    frame.replace('*', say({ ...wish, object: pick(random, wish.objects) })),
    frame.replace('*', say({ ...wish, extra: pick(random, extras) })),
    frame.replace('*', say(wishOf(random))),
  ]
}

interface Wish {
  readonly verbs: readonly string[]
  readonly objects: readonly string[]
  readonly verb: string
  readonly object: string
  readonly extra: string
}

function wishOf(random: Random): Wish {
  const [verbs, objects] = pick(random, wishes)
    .split(':')
    .map((part) => listOf(part.trim())) as [string[], string[]]
  const extra = random.below(4) === 0 ? pick(random, extras) : ''
  return { verbs, objects, verb: pick(random, verbs), object: pick(random, objects), extra }
}

function say({ verb, object, extra }: Wish): string {
  return [verb, object, extra].filter((part) => part !== '').join(' ')
}

/** One thing in three patterns, and another in one of these. */
function familyOf(random: Random, patterns: readonly string[], nouns: readonly string[]): string[] {
  const [noun, pattern] = [pick(random, nouns), pick(random, patterns)]
  const fill = (text: string, word: string) =>
    text.replace('*', word).replace('@', pick(random, verdicts)).replace('&', pick(random, verdicts))
  return [
    fill(pattern, noun),
    fill(pattern, noun),
    fill(pick(random, patterns), noun),
    fill(pick(random, patterns), noun),
    fill(pattern, pick(random, nouns)),
  ].map((text) => text.replace(/\b([Aa]) ([aeiou])/g, '$1n $2'))
}

function acronym(random: Random): string {
  return Array.from({ length: 2 + random.below(3) }, () => letters.charAt(random.below(letters.length))).join('')
}

function pick<T>(random: Random, values: readonly T[]): T {
  return values[random.below(values.length)] as T
}
