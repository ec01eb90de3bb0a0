import { findElements, type HtmlElement } from './html-tree.ts'

const boilerplateNames = new Set(['nav', 'aside', 'footer', 'menu', 'head'])
const boilerplateRoles = new Set(
  ['navigation', 'banner', 'contentinfo', 'complementary', 'search', 'menu', 'menubar', 'toolbar', 'tablist'].concat([
    'dialog',
    'alert',
    'alertdialog',
  ]),
)
const linkBlockNames = new Set(['div', 'section', 'ul', 'ol', 'dl', 'table', 'p', 'td'])
const furnitureWord =
  /(?:^|[\s_-])(?:nav|navbar|navigation|menu|sidebar|breadcrumbs?|share|sharing|social|related|newsletter|subscribe|advert|ads?|promo|pagination|pager|toc|masthead|cookies?|consent|skip-?link)(?:$|[\s_-])/i

/**
 * The elements that hold what a page is about: its `main`, or its articles, or all of its body where neither holds a fair
 * share of the words.
 */
export function mainElements(root: HtmlElement): HtmlElement[] {
  const mains = findElements(root, ({ name, attributes }) => name === 'main' || attributes['role'] === 'main')
  const largest = mains.reduce<HtmlElement | undefined>(
    (best, next) => (best === undefined || next.textLength > best.textLength ? next : best),
    undefined,
  )
  if (largest !== undefined && largest.textLength > Math.min(250, root.textLength * 0.1)) return [largest]
  const articles = findElements(root, ({ name }) => name === 'article')
  if (articles.reduce((sum, { textLength }) => sum + textLength, 0) > root.textLength * 0.3) return articles
  return findElements(root, ({ name }) => name === 'body')
    .slice(0, 1)
    .concat([root])
    .slice(0, 1)
}

/**
 * True for what surrounds the words: menus, headers, footers, asides, forms, and blocks that are mostly links.
 *
 * @param main - The main element being read.
 */
export function isBoilerplate(element: HtmlElement, main: HtmlElement): boolean {
  const { name, attributes, textLength, linkLength, links } = element
  if (boilerplateNames.has(name) || boilerplateRoles.has(attributes['role'] ?? '')) return true
  if (name === 'header') return !isWithin(element, ['main', 'article', 'section'])
  // Some pages are one form from top to bottom.
  if (name === 'form') return textLength * 2 < main.textLength
  if (textLength === 0) return false
  const share = linkLength / textLength
  if (linkBlockNames.has(name) && links >= 3 && share > 0.66) return true
  const isFurniture = furnitureWord.test(`${attributes['class'] ?? ''} ${attributes['id'] ?? ''}`)
  return isFurniture && textLength * 2 < main.textLength && (share > 0.3 || textLength < 200)
}

function isWithin(element: HtmlElement, names: readonly string[]): boolean {
  for (let at = element.parent; at !== undefined; at = at.parent) if (names.includes(at.name)) return true
  return false
}
