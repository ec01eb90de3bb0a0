/** Value of a function at `point`; its gradient is written to `gradient`. */
export type Objective = (point: Float64Array, gradient: Float64Array) => number

export interface Minimum {
  readonly point: Float64Array
  readonly iterations: number
  /** False where `maxIterations` came first. */
  readonly converged: boolean
}

/** Steps remembered: the curvature the direction is made of. */
const memory = 10
const sufficientDecrease = 1e-4
const curvature = 0.9

/**
 * Minimise a smooth convex function by limited-memory BFGS with a line search for the strong Wolfe conditions.
 *
 * @param start - Left unchanged.
 * @param options.tolerance - Stop when no component of the gradient is larger; or when a step no longer lowers the value.
 *
 * Cost: about one value with gradient an iteration; 20 copies of the point.
 * Source: Liu & Nocedal 1989; line search after Nocedal & Wright, algorithms 3.5 and 3.6 with bisection.
 */
export function minimize(
  objective: Objective,
  start: Float64Array,
  options: { readonly maxIterations: number; readonly tolerance: number },
): Minimum {
  const size = start.length
  let point = start.slice()
  let gradient = new Float64Array(size)
  let value = objective(point, gradient)
  const history: { step: Float64Array; change: Float64Array; curvature: number }[] = []
  for (let iteration = 0; ; iteration++) {
    if (largest(gradient) <= options.tolerance) return { point, iterations: iteration, converged: true }
    if (iteration === options.maxIterations) return { point, iterations: iteration, converged: false }

    const direction = gradient.map((component) => -component)
    const weights = new Float64Array(history.length)
    for (let h = history.length - 1; h >= 0; h--) {
      const { step, change, curvature: product } = history[h]!
      weights[h] = dot(step, direction) / product
      addScaled(direction, change, -weights[h]!)
    }
    const latest = history.at(-1)
    const scale =
      latest === undefined ? 1 / Math.max(1, norm(gradient)) : latest.curvature / dot(latest.change, latest.change)
    for (let i = 0; i < size; i++) direction[i]! *= scale
    for (let h = 0; h < history.length; h++) {
      const { step, change, curvature: product } = history[h]!
      addScaled(direction, step, weights[h]! - dot(change, direction) / product)
    }

    const found = lineSearch(objective, point, value, gradient, direction)
    if (found === undefined) return { point, iterations: iteration, converged: true }
    const step = found.point.map((component, i) => component - point[i]!)
    const change = found.gradient.map((component, i) => component - gradient[i]!)
    const product = dot(step, change)
    if (product > 0) {
      history.push({ step, change, curvature: product })
      if (history.length > memory) history.shift()
    }
    point = found.point
    value = found.value
    gradient = found.gradient
  }
}

/** A step along `direction` that lowers value and slope enough; undefined where rounding allows none. */
function lineSearch(
  objective: Objective,
  point: Float64Array,
  value: number,
  gradient: Float64Array,
  direction: Float64Array,
) {
  const slope = dot(gradient, direction)
  if (!(slope < 0)) return undefined
  let low = 0
  let high = Number.POSITIVE_INFINITY
  let length = 1
  let best: { point: Float64Array<ArrayBuffer>; gradient: Float64Array<ArrayBuffer>; value: number } | undefined
  for (let attempt = 0; attempt < 40; attempt++) {
    const there = point.map((component, i) => component + length * direction[i]!)
    const gradientThere = new Float64Array(point.length)
    const valueThere = objective(there, gradientThere)
    if (!(valueThere <= value + sufficientDecrease * length * slope)) high = length
    else {
      best = { point: there, gradient: gradientThere, value: valueThere }
      const slopeThere = dot(gradientThere, direction)
      if (Math.abs(slopeThere) <= -curvature * slope) return best
      if (slopeThere > 0) high = length
      else low = length
    }
    length = high === Number.POSITIVE_INFINITY ? 2 * length : (low + high) / 2
  }
  return best !== undefined && best.value < value ? best : undefined
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

function norm(a: Float64Array): number {
  return Math.sqrt(dot(a, a))
}

function largest(a: Float64Array): number {
  let most = 0
  for (const value of a) most = Math.max(most, Math.abs(value))
  return most
}

function addScaled(target: Float64Array, values: Float64Array, factor: number): void {
  for (let i = 0; i < target.length; i++) target[i]! += factor * values[i]!
}
