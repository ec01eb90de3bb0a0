import { Parser } from 'htmlparser2'
import { UnreadableInputError } from '../spec/errors.ts'

export interface HtmlText {
  readonly text: string
  /** Offset in the file. */
  readonly start: number
}

export interface HtmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly parent: HtmlElement | undefined
  readonly children: (HtmlElement | HtmlText)[]
  /** Characters of text below, white space not counted; and how many of them stand in links. */
  textLength: number
  linkLength: number
  links: number
}

/** Deeper than any page people read, shallow enough for every recursion over the tree. */
const maxDepth = 1000
/** Elements without words of the page. */
const wordless = new Set(
  ['script', 'style', 'noscript', 'template', 'svg', 'canvas', 'iframe', 'object', 'embed', 'select', 'button'].concat([
    'textarea',
    'dialog',
    'audio',
    'video',
    'map',
  ]),
)

/**
 * A page as a tree of elements and texts; scripts, styles and controls are left out as they are met.
 *
 * @throws {UnreadableInputError} for elements nested more than 1,000 deep.
 */
export function parseHtml(html: string, path: string): HtmlElement {
  const root = element('#root', {}, undefined)
  let current = root
  let depth = 0
  /** Elements opened since a wordless one, itself included. */
  let dropped = 0
  const parser = new Parser({
    onopentag(name, attributes) {
      if (++depth > maxDepth)
        throw new UnreadableInputError(path, `elements nested at most ${maxDepth} deep`, 'more', { byte: undefined })
      if (dropped > 0 || wordless.has(name) || isHidden(attributes)) {
        dropped++
        return
      }
      const child = element(name, attributes, current)
      current.children.push(child)
      current = child
    },
    ontext(text) {
      if (dropped > 0) return
      current.children.push({ text, start: parser.startIndex })
      current.textLength += wordCharacters(text)
    },
    onclosetag() {
      depth--
      if (dropped > 0) {
        dropped--
        return
      }
      const { parent } = current
      if (parent === undefined) return
      const isLink = current.name === 'a' && current.attributes['href'] !== undefined
      parent.textLength += current.textLength
      parent.linkLength += isLink ? current.textLength : current.linkLength
      parent.links += isLink ? 1 : current.links
      current = parent
    },
  })
  parser.write(html)
  parser.end()
  return root
}

function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  parent: HtmlElement | undefined,
): HtmlElement {
  return { name, attributes, parent, children: [], textLength: 0, linkLength: 0, links: 0 }
}

function isHidden(attributes: Readonly<Record<string, string>>): boolean {
  return (
    attributes['hidden'] !== undefined ||
    attributes['aria-hidden'] === 'true' ||
    /display\s{0,8}:\s{0,8}none/i.test(attributes['style'] ?? '')
  )
}

function wordCharacters(text: string): number {
  let count = 0
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 32) count++
  return count
}

/** Elements below, in document order, that satisfy a test; those inside a found one are not searched. */
export function findElements(root: HtmlElement, test: (element: HtmlElement) => boolean): HtmlElement[] {
  const found: HtmlElement[] = []
  const visit = (node: HtmlElement) => {
    for (const child of node.children) {
      if (!('name' in child)) continue
      if (test(child)) found.push(child)
      else visit(child)
    }
  }
  visit(root)
  return found
}

/** All text below, white space collapsed. */
export function textOf(node: HtmlElement): string {
  const parts: string[] = []
  const visit = (inner: HtmlElement) => {
    for (const child of inner.children) {
      if ('name' in child) visit(child)
      else parts.push(child.text)
    }
  }
  visit(node)
  return parts.join('').replace(/\s+/g, ' ').trim()
}
