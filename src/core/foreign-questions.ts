import { createMatrix, type Matrix, rowOf } from '../spec/matrix.ts'
import type { EmbeddingModel } from '../spec/model.ts'
import { type EmbeddingCache, embedMany } from './embed-many.ts'

/**
 * Questions that have nothing to do with each other nor, most of them, with any one collection: what people ask about
 * in everyday life and look up in an encyclopaedia. Their best scores in a collection show how well a question scores
 * that the collection does not answer (see `false-alarm.ts`). Written for this purpose; the order has no meaning.
 */
export const foreignQuestions: readonly string[] = `
How long should I boil an egg so that the yolk stays soft?
Which planet has the most moons?
Who painted the ceiling of the Sistine Chapel?
What is the best way to get red wine out of a carpet?
Why do cats purr?
How do I change a flat bicycle tyre?
When did the Berlin Wall fall?
What is the capital of Mongolia?
How many bones does an adult human have?
Why does bread dough need to rise twice?
What causes the northern lights?
How do bees find their way back to the hive?
Which river flows through Baghdad?
Who wrote One Hundred Years of Solitude?
How often should I water a cactus?
What are the rules for offside in football?
How is parmesan cheese made?
Why is the sky blue?
What should I wear to a winter wedding?
How deep is the Mariana Trench?
Who was the first woman to win a Nobel Prize?
How do I teach a puppy to sit?
What is the difference between a violin and a viola?
How long does it take to fly from London to Tokyo?
Which vitamins are in spinach?
Why do leaves turn red in autumn?
How do tides work?
What is a sonnet?
Can I freeze cooked rice?
Who invented the printing press?
How tall is Mount Kilimanjaro?
What is the population of Iceland?
How do I remove a splinter?
Why do we dream?
Which countries border Switzerland?
How are diamonds formed?
What does a blacksmith do?
How do I fold a paper crane?
When is the best season to plant tulips?
What is the largest desert in the world?
Who composed The Magic Flute?
How does a sewing machine work?
What is the offspring of a horse and a donkey called?
How do I get rid of hiccups?
Why did the Roman Empire fall?
What makes popcorn pop?
How fast can a cheetah run?
Which instrument has eighty-eight keys?
How do you play the opening of a chess game with white?
What is the boiling point of mercury?
How do I knit a scarf for a beginner?
Who discovered penicillin?
How is glass blown?
What are the symptoms of measles?
When was the Eiffel Tower built?
Why do onions make you cry?
Which bird lays the largest eggs?
How do I tune a guitar by ear?
What language is spoken in Brazil?
How much does an elephant weigh?
What is the story of the Trojan horse?
How do submarines dive?
What is the traditional dress of Scotland?
Can goldfish remember things?
How do I make strawberry jam without pectin?
What causes earthquakes?
Who was Cleopatra?
How long do tortoises live?
What is the difference between a crocodile and an alligator?
How do I whiten yellowed piano keys?
Which grapes are used for champagne?
How did the dinosaurs die out?
What are the phases of the moon?
How do I paint a room without leaving brush marks?
Who wrote Pride and Prejudice?
What is the national flower of Japan?
Why is seawater salty?
How do hot air balloons steer?
What is the highest score possible in ten-pin bowling?
How do I prune a rose bush?
Which is the longest river in Africa?
What is a black hole?
How do you treat a wasp sting?
What did people eat in the Middle Ages?
How does yeast make alcohol?
Who was the first person to walk on the moon?
How many players are in a volleyball team?
What is the meaning of the name Sofia?
How do I descale a kettle?
Why do birds migrate south?
Which metal is liquid at room temperature?
What are the ingredients of guacamole?
How do volcanoes erupt?
When did Beethoven go deaf?
How do I pack a rucksack for a long hike?
What is the smallest country in the world?
How are pearls made inside oysters?
Why do my knees crack when I squat?
What is the plot of Romeo and Juliet?
How does a sundial tell the time?
Which animals hibernate in winter?
How do I remove candle wax from a tablecloth?
What is the speed of sound?
Who built Machu Picchu?
How many strings does a harp have?
What is the best bait for trout?
How do I calm a crying baby?
Why are flamingos pink?
What is the difference between jam and marmalade?
How was the Great Wall of China built?
What is the oldest university in Europe?
How do I sharpen a kitchen knife?
What is the currency of Thailand?
How does the heart pump blood?
Who were the Vikings?
How long can a camel go without water?
What is origami?
How do I stop my glasses from fogging up?
What year did the Titanic sink?
How is chocolate made from cocoa beans?
Why do zebras have stripes?
What is the recipe for a classic carbonara?
How do I build a snow cave?
Which king had six wives?
What is the rarest blood type?
How do fireflies glow?
How do I plant potatoes in a bucket?
What is the tallest building in Dubai?
How did sailors navigate before compasses?
What are the seven wonders of the ancient world?
How do I get chewing gum out of hair?
Why does ice float on water?
Who sang Like a Rolling Stone?
What is the difference between fog and mist?
How many teeth does a shark have?
How do I make a paper plane that flies far?
What is the life cycle of a butterfly?
Which country has won the most rugby world cups?
How does a microwave oven heat food?
What is the origin of Halloween?
How do I iron a silk blouse?
What is the largest lake in South America?
Why do people yawn?
How is paper recycled?
Who was Genghis Khan?
What are good exercises for lower back pain?
How do spiders spin their webs?
What is the difference between weather and climate?
How do I learn to juggle three balls?
Which sea creature has three hearts?
What is the Fibonacci sequence?
How long does it take to roast a turkey?
What did Marie Antoinette really say about cake?
How do I clean suede shoes?
Why do stars twinkle?
What is the best time to visit the Grand Canyon?
How do snakes move without legs?
Who wrote the Odyssey?
What is the difference between a comet and an asteroid?
How do I grow basil on a windowsill?
How do whales sleep?
What is the record for the marathon?
How were the pyramids of Giza constructed?
What spices go into garam masala?
How do I fix a dripping tap?
Why does the moon look bigger near the horizon?
What is the main religion of Indonesia?
How do you dance the waltz?
What is the wingspan of an albatross?
How is olive oil pressed?
Who was the last tsar of Russia?
How do I take care of a hamster?
What are stalactites?
How does a pendulum clock keep time?
What is the distance from the Earth to the Sun?
How do I make sourdough starter?
Why do some people have freckles?
Which composer wrote The Four Seasons?
What is the difference between a frog and a toad?
How do I tie a bow tie?
When did women in New Zealand get the vote?
How do glaciers shape valleys?
What do pandas eat?
How do I poach a pear in red wine?
Who designed the Sydney Opera House?
What is the meaning of a rainbow in folklore?
How do you score a boxing match?
What trees lose their needles in winter?
How do I stop a door from squeaking?
What is the Silk Road?
How does the human ear work?
Which city hosted the 1936 Olympic Games?
What is the difference between baroque and gothic architecture?
How do I bathe a long-haired dog?
Why do wolves howl?
What was the plague of 1348?
How do I dry mushrooms at home?
How many time zones does Russia have?
What is a haiku?
How do salmon find the stream where they were born?
What is the best way to peel a mango?
Who led the first expedition around the world?
How is silk made?
What are the colours of the Italian flag?
How do I get over jet lag?
Why is Pluto no longer a planet?
What is the function of the liver?
How do beavers build dams?
How do I choose a ripe watermelon?
What was life like for children in Victorian factories?
What is the difference between a cello and a double bass?
How do you make candles from beeswax?
When did the first railway open?
How long is a cricket match?
Which fish can live out of water?
What is the steepest street in the world?
How do I keep squirrels away from a bird feeder?
Who was Confucius?
How are tattoos removed?
What is the best surface for playing tennis?
How do I restore an old wooden table?
Why do geese fly in a V shape?
What is the legend of King Arthur?
How is maple syrup harvested?
What is the lowest temperature ever measured on Earth?
How do I swim the butterfly stroke?
What are the rules of petanque?
How does a lighthouse lamp work?
Which flowers attract hummingbirds?
What is the history of the teddy bear?
How do I thicken a thin gravy?
How do kangaroos raise their young?
What is the difference between mitosis and meiosis?
Who painted Girl with a Pearl Earring?
How do I break in new leather boots?
What is the most spoken language in Nigeria?
How do coral reefs form?
What is the traditional food on Thanksgiving?
`
  .trim()
  .split('\n')

/** Their vectors in the role of queries; a question the model knows no token of has no row. */
export async function embedForeignQuestions(cache: EmbeddingCache, model: EmbeddingModel): Promise<Matrix> {
  const { vectors, without } = await embedMany(foreignQuestions, { model, task: 'query', cache, onNoVector: 'skip' })
  const hasNone = new Set(without)
  const known = createMatrix(vectors.rows - hasNone.size, vectors.columns, undefined, vectors.passport)
  let row = 0
  for (let i = 0; i < vectors.rows; i++) if (!hasNone.has(i)) known.data.set(rowOf(vectors, i), row++ * known.columns)
  return known
}
