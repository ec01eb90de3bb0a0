import { UnsupportedError } from '../spec/errors.ts'

const chatNames =
  /^(gpt-|chatgpt|o[1-9](-|$)|claude|llama-?\d|codellama|gemini-(?!embedding)|gemma|mistral|mixtral|ministral|qwen|qwq|phi-?\d|deepseek|command|grok|dolphin|vicuna|starcoder)/i

/** Whether a name is that of a model that writes, and not of one that embeds. */
function isChatModel(model: string): boolean {
  const name = model.slice(model.lastIndexOf('/') + 1)
  return chatNames.test(name) && !/embed/i.test(name)
}

/** @throws {UnsupportedError} for the name of a chat model, naming a real embedder. */
export function assertEmbedder(name: string, model: string, instead: string): void {
  if (isChatModel(model)) throw chatModelError(name, instead)
}

export function chatModelError(name: string, instead: string): UnsupportedError {
  return new UnsupportedError(
    name,
    'a model that embeds',
    'a chat model, which writes text and gives no vectors fit to compare',
    `Take ${instead}.`,
  )
}
