import { InvalidArgumentError } from '../spec/errors.ts'
import type { Filter } from '../spec/filter.ts'

/** The first operator of the text splits it; two-character operators come first. */
const shape = /^([^<>=!]+?)\s*(!=|<=|>=|=|<|>)\s*(.*)$/s

const example = "a condition such as lang=en, 'price<10', year>=2020, tag!=draft, draft (the field is there) or !draft"

/**
 * A condition on one metadata field, as `--where` takes it, in words of the filter tree.
 *
 * A bare value that looks like a number or a truth value is compared both as such and as text, because a CSV's
 * year may have been kept as either; quotes make it text only. Ranges compare numbers with numbers and
 * otherwise text with text, so ISO dates order as they should.
 *
 * @throws {InvalidArgumentError} naming the flag.
 */
export function parseCondition(text: string, flag: string): Filter {
  const parts = shape.exec(text)
  if (parts === null) {
    const [, not, field] = /^(!?)\s*([^<>=!]+)$/.exec(text.trim()) ?? []
    if (field === undefined) throw new InvalidArgumentError(flag, example, text)
    return { field, exists: not === '' }
  }
  const [, field = '', operator = '', operand = ''] = parts
  if (operand === '') throw new InvalidArgumentError(flag, example, text, "An empty text is written as key=''.")
  const values = valuesOf(operand)
  const [exact] = values
  if (operator === '=' || operator === '!=') {
    const equal: Filter = values.length === 1 ? { field, eq: exact as string } : { field, in: values }
    return operator === '=' ? equal : { not: equal }
  }
  const bound = typeof exact === 'boolean' ? operand : (exact as string | number)
  if (operator === '<') return { field, lt: bound }
  if (operator === '<=') return { field, lte: bound }
  if (operator === '>') return { field, gt: bound }
  return { field, gte: bound }
}

/** What a written value may mean, the likeliest first. */
function valuesOf(operand: string): (string | number | boolean)[] {
  const quoted = /^(["'])(.*)\1$/s.exec(operand)
  if (quoted !== null) return [quoted[2] as string]
  if (operand === 'true' || operand === 'false') return [operand === 'true', operand]
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(operand)) return [Number(operand), operand]
  return [operand]
}
