/**
 * Texts that have nothing to do with each other: statements, requests, headings and phrases of one to thirty words, from
 * everyday life, work, science and news. Their pairs show how alike a model finds texts that are not (see
 * `pair-background.ts`). Written for this purpose; the order has no meaning.
 */
export const unrelatedTexts: readonly string[] = `
The ferry leaves the harbour at seven and reaches the island before noon.
Please reset my password, I no longer have access to that email address.
Quarterly earnings
Copper conducts heat better than iron.
My grandmother kept bees behind the barn until she was eighty.
How to descale an espresso machine
The committee postponed its vote on the new zoning rules until spring.
Penguins huddle in turns so that each bird spends some time in the middle.
A function that calls itself must have a case in which it does not.
He missed the last train and slept on a bench in the waiting room.
Vegetable soup with barley
The striker scored twice in the final ten minutes and sent the crowd wild.
Radiocarbon dating works for remains up to about fifty thousand years old.
We are looking for a part-time receptionist for our dental practice.
Her violin teacher insisted on scales before breakfast.
Asteroid
The contract may be terminated by either party with thirty days' notice.
Snow fell overnight and closed two of the three mountain passes.
Wipe the lens with a dry microfibre cloth, never with a paper towel.
The novel follows four sisters through one summer in a decaying seaside hotel.
Inflation slowed for the third month in a row as fuel prices fell.
Do you have these sandals in a size thirty-eight?
Mitochondria turn sugar and oxygen into energy that the cell can use.
Thank you for the flowers, they arrived in perfect condition.
The museum's oldest coin was minted in Lydia more than two thousand five hundred years ago.
Bicycle repair
Tomatoes need at least six hours of direct sun a day.
The server returned an error because the certificate had expired.
A tailor measured the groom's shoulders twice and shook his head.
Voting machines in two districts were replaced after an audit.
The trail climbs through larch forest to a lake below the glacier.
Take one tablet with water every eight hours, and not on an empty stomach.
Jazz drummer
Our flight was cancelled and nobody at the counter could tell us why.
Limestone dissolves slowly in rain, which is how most caves begin.
The puppy chewed through the charging cable of my laptop.
An ambassador handed over her credentials to the king on Tuesday.
Fold the egg whites into the chocolate with a wide spatula.
The theorem says that every even number of such points leaves one unpaired.
Rent for the two-room flat includes heating and the use of the laundry.
Dinosaur footprints were found in a quarry by a ten-year-old boy.
She parked the lorry, pulled on her gloves and started unloading tiles.
Ancient Greek pottery
The vaccine has to be kept at two to eight degrees until it is used.
I have been learning Portuguese for a year and still mix up the past tenses.
Waves higher than the pier broke windows along the promenade.
The gearbox makes a grinding noise when I shift into third.
Children under six travel free of charge when accompanied by an adult.
Castling is the only move in which two pieces of one player change places.
Wool shrinks in hot water because its scales lock into each other.
The orchestra opened with an overture that nobody had heard since 1911.
Investors sold shares of chip makers after the export ban was announced.
How do I stop the neighbour's cat from digging in my flower beds?
Sunday school
The astronauts spent six hours outside replacing a cooling pump.
Use a whetstone of grit one thousand first, then one of six thousand.
In the dream I was late for an exam in a subject I had never studied.
The lighthouse was automated in 1987 and its keeper moved to the mainland.
Rust forms when iron meets water and air.
Subscribers can pause their plan for up to three months.
The detective noticed that the clock on the mantel ran backwards.
Wheat prices
Fishermen on the lake use lamps to draw sardines to the surface at night.
Every employee has to finish the safety course by the end of June.
The bride's brother played the accordion until four in the morning.
Neurons pass signals to each other across a gap called a synapse.
The plumber found a toy soldier stuck in the drain.
Wild garlic grows in damp woodland and smells before you see it.
Two suspects were arrested near the border with stolen paintings in their van.
A haiku has three lines and often names a season.
The elevator is out of order, please use the stairs at the back.
Solar panels on the school's roof cover a third of its electricity.
He was born in a mining town and never lost the accent.
Marathon training plan for beginners
The tide went out so far that we could walk to the wreck.
Click the gear in the upper right corner to change the language.
The emperor's tomb was guarded by thousands of clay soldiers.
My tooth hurts whenever I drink something cold.
The auction house estimates the watch at forty thousand francs.
Leopards carry their prey into trees to keep it from hyenas.
Sandpaper
The play was banned after its first night and revived a century later.
Sound travels four times as fast in water as in air.
Our choir rehearses on Thursdays in the gymnasium.
The recipe calls for saffron, but turmeric will do for the colour.
The bridge will be closed to lorries while its cables are inspected.
She won the spelling contest with a word of nineteen letters.
The mayor promised four hundred new trees along the avenue.
Unplug the router, wait ten seconds and plug it in again.
Nomads on the steppe live in round tents that can be packed up within an hour.
The quilt was sewn from the shirts of her late husband.
A customs officer asked us to open the largest suitcase.
Pilot whales were guided back to open water by volunteers in kayaks.
The dentist's chair hummed as it tipped backwards.
The goldsmith melted three old rings into a single brooch.
The referee showed a red card for a tackle from behind.
Mushroom picking in October
He repaired accordions in a workshop no bigger than a cupboard.
Interest is added to the account at the end of each year.
The volcano had been quiet for two centuries when it woke up.
A stray balloon set off the alarm in the bank's vault.
`
  .trim()
  .split('\n')
