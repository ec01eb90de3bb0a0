/** What a file is read as. */
export type FileFormat = 'markdown' | 'text' | 'html' | 'json' | 'jsonl' | 'csv' | 'tsv' | 'code'

const extensions: Readonly<Record<Exclude<FileFormat, 'code'>, readonly string[]>> = {
  markdown: ['md', 'markdown', 'mdown', 'mkd', 'mdx', 'qmd', 'rmd'],
  text: ['txt', 'text', 'log', 'rst', 'adoc', 'asciidoc', 'org', 'tex', 'srt', 'vtt'],
  html: ['html', 'htm', 'xhtml'],
  json: ['json', 'geojson'],
  jsonl: ['jsonl', 'ndjson'],
  csv: ['csv'],
  tsv: ['tsv', 'tab'],
}

const languages: Readonly<Record<string, readonly string[]>> = {
  bash: ['sh', 'bash', 'zsh', 'fish'],
  c: ['c', 'h'],
  clojure: ['clj', 'cljs'],
  cpp: ['cc', 'cpp', 'cxx', 'hh', 'hpp', 'hxx'],
  csharp: ['cs'],
  css: ['css', 'scss', 'sass', 'less'],
  dart: ['dart'],
  elixir: ['ex', 'exs'],
  erlang: ['erl', 'hrl'],
  fsharp: ['fs', 'fsi'],
  go: ['go'],
  graphql: ['graphql', 'gql'],
  haskell: ['hs'],
  ini: ['ini', 'cfg', 'conf', 'properties'],
  java: ['java'],
  javascript: ['js', 'mjs', 'cjs', 'jsx'],
  julia: ['jl'],
  kotlin: ['kt', 'kts'],
  lua: ['lua'],
  ocaml: ['ml', 'mli'],
  perl: ['pl', 'pm'],
  php: ['php'],
  powershell: ['ps1', 'psm1'],
  protobuf: ['proto'],
  python: ['py', 'pyi'],
  r: ['r'],
  ruby: ['rb', 'rake', 'gemspec'],
  rust: ['rs'],
  scala: ['scala', 'sc'],
  sql: ['sql'],
  svelte: ['svelte'],
  swift: ['swift'],
  terraform: ['tf', 'hcl'],
  toml: ['toml'],
  typescript: ['ts', 'mts', 'cts', 'tsx'],
  vue: ['vue'],
  xml: ['xml', 'xsd', 'xsl'],
  yaml: ['yaml', 'yml'],
  zig: ['zig'],
}

const textNames = ['readme', 'license', 'licence', 'copying', 'changelog', 'changes', 'authors', 'notice', 'install']
const codeNames: Readonly<Record<string, string>> = {
  makefile: 'make',
  dockerfile: 'docker',
  containerfile: 'docker',
  jenkinsfile: 'groovy',
  rakefile: 'ruby',
  gemfile: 'ruby',
  vagrantfile: 'ruby',
}

const formatOfExtension = new Map<string, FileFormat>()
const languageOfExtension = new Map<string, string>()
for (const [format, list] of Object.entries(extensions))
  for (const extension of list) formatOfExtension.set(extension, format as FileFormat)
for (const [language, list] of Object.entries(languages))
  for (const extension of list) {
    formatOfExtension.set(extension, 'code')
    languageOfExtension.set(extension, language)
  }

/** The format a file name stands for, `undefined` where it stands for none that is read. */
export function formatOf(name: string): FileFormat | undefined {
  const extension = extensionOf(name)
  if (extension !== undefined) return formatOfExtension.get(extension)
  const bare = name.toLowerCase()
  return textNames.includes(bare) ? 'text' : Object.hasOwn(codeNames, bare) ? 'code' : undefined
}

/** Language of a source file by its name: `python`, `rust` …; `undefined` where unknown. */
export function languageOf(name: string): string | undefined {
  const extension = extensionOf(name)
  if (extension !== undefined) return languageOfExtension.get(extension)
  const bare = name.toLowerCase()
  return Object.hasOwn(codeNames, bare) ? codeNames[bare] : undefined
}

/** Lower-case extension without the dot. */
export function extensionOf(name: string): string | undefined {
  const base = name.slice(name.lastIndexOf('/') + 1)
  const dot = base.lastIndexOf('.')
  return dot <= 0 ? undefined : base.slice(dot + 1).toLowerCase()
}

const generatedNames = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'pnpm-lock.yaml',
  'composer.lock',
  'packages.lock.json',
]

/** Files that a tool wrote for tools: in a folder they would only crowd the answers. */
export function isGenerated(name: string): boolean {
  return generatedNames.includes(name) || /\.min\.(?:js|css)$/i.test(name)
}
