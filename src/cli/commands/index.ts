import type { CommandDescriptor } from '../command.ts'

/** Every command by name, in the order of the help. The folder holds one file for each; a test compares. */
export const commandLoaders: Readonly<Record<string, () => Promise<{ readonly command: CommandDescriptor }>>> = {
  try: () => import('./try.ts'),
  add: () => import('./add.ts'),
  search: () => import('./search.ts'),
  similar: () => import('./similar.ts'),
  clusters: () => import('./clusters.ts'),
  classify: () => import('./classify.ts'),
  similarity: () => import('./similarity.ts'),
  arithmetic: () => import('./arithmetic.ts'),
  duplicates: () => import('./duplicates.ts'),
  outliers: () => import('./outliers.ts'),
  sample: () => import('./sample.ts'),
  recommend: () => import('./recommend.ts'),
  baskets: () => import('./baskets.ts'),
  related: () => import('./related.ts'),
  map: () => import('./map.ts'),
  list: () => import('./list.ts'),
  show: () => import('./show.ts'),
  remove: () => import('./remove.ts'),
  status: () => import('./status.ts'),
  embed: () => import('./embed.ts'),
  export: () => import('./export.ts'),
  import: () => import('./import.ts'),
  verify: () => import('./verify.ts'),
  repair: () => import('./repair.ts'),
  choose: () => import('./choose.ts'),
  models: () => import('./models.ts'),
  pull: () => import('./pull.ts'),
  context: () => import('./context.ts'),
  eval: () => import('./eval.ts'),
  word2vec: () => import('./word2vec.ts'),
  distill: () => import('./distill.ts'),
  doctor: () => import('./doctor.ts'),
  completion: () => import('./completion.ts'),
}

/** All descriptors, for help, completion and tests. */
export async function loadCommands(): Promise<CommandDescriptor[]> {
  return Promise.all(Object.values(commandLoaders).map(async (load) => (await load()).command))
}
