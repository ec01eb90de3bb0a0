import { CorruptDataError, UnsupportedError } from '../../spec/errors.ts'
import { patternOf } from './patterns.ts'
import { readCharsMap } from './precompiled.ts'
import type { Component } from './tokenizer.ts'

export type Normalizer = (text: string) => string

/** The function a `normalizer` of tokenizer.json describes. @throws {UnsupportedError} naming one that is not read here. */
export function createNormalizer(component: Component | null | undefined, place: string): Normalizer {
  if (component === null || component === undefined) return (text) => text
  switch (component.type) {
    case 'Sequence': {
      const parts = ((component['normalizers'] ?? []) as Component[]).map((part) => createNormalizer(part, place))
      return (text) => parts.reduce((result, part) => part(result), text)
    }
    case 'NFC':
    case 'NFD':
    case 'NFKC':
    case 'NFKD': {
      const form = component.type
      return (text) => text.normalize(form)
    }
    case 'Lowercase':
      // Character by character: the reference does not look at neighbours, so a final sigma stays a sigma.
      return (text) => Array.from(text, (character) => character.toLowerCase()).join('')
    case 'StripAccents':
      // All marks, spacing ones too; BertNormalizer takes the non-spacing ones only.
      return (text) => text.replace(/\p{M}/gu, '')
    case 'Strip': {
      const left = component['strip_left'] !== false
      const right = component['strip_right'] !== false
      return (text) => (left ? (right ? text.trim() : text.trimStart()) : right ? text.trimEnd() : text)
    }
    case 'Replace': {
      const pattern = patternOf(component['pattern'], place)
      const content = String(component['content'] ?? '')
      return (text) => text.replace(pattern, () => content)
    }
    case 'Prepend': {
      const prefix = String(component['prepend'] ?? '')
      return (text) => (text === '' ? '' : prefix + text)
    }
    case 'Precompiled': {
      const map = component['precompiled_charsmap']
      if (typeof map !== 'string' && map !== null && map !== undefined)
        throw new CorruptDataError(place, 'precompiled_charsmap in base64', typeof map)
      return map ? readCharsMap(map, place) : (text) => text
    }
    default:
      throw new UnsupportedError(
        `${place}, normalizer`,
        'Sequence, NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, Strip, Replace, Prepend or Precompiled',
        String(component.type),
      )
  }
}
