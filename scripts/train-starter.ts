/**
 * Train the starter: `npm run train:starter -- --data <folder> --teacher <folder>`.
 * What is done is kept in .cache/train-starter; a run that was stopped goes on where it was.
 */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { digestOf } from '../src/models/model-files.ts'
import { readRecipe } from '../src/models/train/recipe.ts'
import { trainStarter } from '../src/models/train/train-starter.ts'

const root = new URL('..', import.meta.url)
const path = (relative: string) => fileURLToPath(new URL(relative, root))
const { values } = parseArgs({
  options: {
    recipe: { type: 'string', default: path('models/starter/train.json') },
    data: { type: 'string', default: path('../shared/data') },
    teacher: { type: 'string', default: path('../shared/models/all-MiniLM-L6-v2') },
    output: { type: 'string', default: path('models/starter') },
    cache: { type: 'string', default: path('.cache/train-starter') },
  },
})

const stop = new AbortController()
process.once('SIGINT', () => stop.abort())
const recipe = await readRecipe(values.recipe)
await trainStarter(recipe, {
  ...values,
  signal: stop.signal,
  onMessage: (message) => process.stderr.write(`${message}\n`),
})
for (const name of ['model.safetensors', 'tokenizer.json'])
  process.stdout.write(`${digestOf(await readFile(`${values.output}/${name}`))}  ${name}\n`)
