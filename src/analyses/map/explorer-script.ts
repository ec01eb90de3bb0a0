/**
 * What the page that `mapHtml` writes runs: draws the dots on a canvas, pans, zooms, names, searches, recolours. Texts of
 * the user reach the page through `textContent` and `fillText` alone.
 */
export const explorerScript = `'use strict'
const data = JSON.parse(document.getElementById('data').textContent)
const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
const places = new Float32Array(bytes(data.places).buffer)
const count = data.names.length
const haystack = data.names.map((name, i) => (name + ' ' + data.texts[i] + ' ' + data.ids[i]).toLowerCase())
const colorings = data.colorings.map((one) => ({ ...one, of: bytes(one.of), missing: one.missing && bytes(one.missing) }))
const byId = (id) => document.getElementById(id)
const canvas = byId('map')
const context = canvas.getContext('2d')
const state = { coloring: colorings[0], hidden: new Set(), query: '', matches: undefined, hover: -1, pinned: -1, scale: 1, x: 0, y: 0, fit: 1 }

const bounds = [Infinity, Infinity, -Infinity, -Infinity]
for (let i = 0; i < count; i++) {
  bounds[0] = Math.min(bounds[0], places[2 * i])
  bounds[1] = Math.min(bounds[1], places[2 * i + 1])
  bounds[2] = Math.max(bounds[2], places[2 * i])
  bounds[3] = Math.max(bounds[3], places[2 * i + 1])
}

let width = 0
let height = 0
function resize() {
  const ratio = window.devicePixelRatio || 1
  width = canvas.clientWidth
  height = canvas.clientHeight
  canvas.width = Math.round(width * ratio)
  canvas.height = Math.round(height * ratio)
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  redraw()
}

function show(left, low, right, high) {
  const margin = 48
  const spans = [right - left, high - low]
  const scales = [(width - 2 * margin) / spans[0], (height - 2 * margin) / spans[1]].filter((value) => Number.isFinite(value) && value > 0)
  state.scale = scales.length > 0 ? Math.min(...scales) : 1
  state.x = (left + right) / 2
  state.y = (low + high) / 2
}
function whole() {
  show(...bounds)
  state.fit = state.scale
  redraw()
}

const toX = (i) => (places[2 * i] - state.x) * state.scale + width / 2
const toY = (i) => height / 2 - (places[2 * i + 1] - state.y) * state.scale

function colorOf(i) {
  const { coloring } = state
  if (!coloring) return data.only
  if (coloring.kind === 'groups') return coloring.groups[coloring.of[i]].color
  return coloring.missing[i] ? data.neutral : data.ramp[coloring.of[i]]
}
const isHidden = (i) => state.coloring && state.coloring.kind === 'groups' && state.hidden.has(state.coloring.of[i])

let waiting = false
function redraw() {
  if (waiting) return
  waiting = true
  requestAnimationFrame(() => {
    waiting = false
    draw()
  })
}

function draw() {
  context.clearRect(0, 0, width, height)
  const zoom = Math.sqrt(state.scale / state.fit)
  const radius = Math.min(9, Math.max(1, 20 / Math.sqrt(Math.sqrt(count))) * Math.min(2.5, Math.max(0.8, zoom)))
  const visible = []
  const paint = (i, opacity) => {
    const [x, y] = [toX(i), toY(i)]
    if (x < -radius || y < -radius || x > width + radius || y > height + radius) return
    context.globalAlpha = opacity
    context.fillStyle = colorOf(i)
    if (radius < 1.5) context.fillRect(x - radius, y - radius, 2 * radius, 2 * radius)
    else {
      context.beginPath()
      context.arc(x, y, radius, 0, 2 * Math.PI)
      context.fill()
    }
  }
  const found = state.matches
  for (let i = 0; i < count; i++) {
    if (isHidden(i)) continue
    if (found && !found.has(i)) paint(i, 0.08)
    else if (!found) paint(i, count > 1500 ? 0.65 : 0.85)
    const [x, y] = [toX(i), toY(i)]
    if (x >= 0 && y >= 0 && x <= width && y <= height && (!found || found.has(i))) visible.push(i)
  }
  if (found) for (const i of found) if (!isHidden(i)) paint(i, 0.95)
  context.globalAlpha = 1
  drawNames(visible, radius)
  const ringed = state.pinned >= 0 ? state.pinned : state.hover
  if (ringed >= 0) {
    context.strokeStyle = '#1f2328'
    context.lineWidth = 2
    context.beginPath()
    context.arc(toX(ringed), toY(ringed), radius + 2.5, 0, 2 * Math.PI)
    context.stroke()
  }
  placeCard()
}

function drawNames(visible, radius) {
  const boxes = []
  const free = (box) => boxes.every((other) => box[0] > other[2] || box[2] < other[0] || box[1] > other[3] || box[3] < other[1])
  const write = (text, x, y, font, color) => {
    context.font = font
    const length = context.measureText(text).width
    const box = [x - 3, y - 9, x + length + 3, y + 9]
    if (box[0] < 0 || box[2] > width || !free(box)) return false
    boxes.push(box)
    context.lineJoin = 'round'
    context.lineWidth = 3
    context.strokeStyle = '#fff'
    context.strokeText(text, x, y)
    context.fillStyle = color
    context.fillText(text, x, y)
    return true
  }
  context.textBaseline = 'middle'
  const { coloring } = state
  if (coloring && coloring.kind === 'groups' && count > 60 && state.scale < 4 * state.fit && coloring.groups.length > 1) {
    const members = coloring.groups.map(() => [])
    for (const i of visible) members[coloring.of[i]].push(i)
    members.forEach((group, at) => {
      if (group.length === 0 || coloring.groups[at].isRest) return
      const middle = (value) => group.map(value).sort((a, b) => a - b)[group.length >> 1]
      const text = short(coloring.groups[at].name, 34)
      context.font = 'bold 14px system-ui, sans-serif'
      write(text, middle(toX) - context.measureText(text).width / 2, middle(toY), context.font, '#1f2328')
    })
  }
  const most = count <= 60 || (state.matches && state.matches.size <= 60) ? 60 : visible.length <= 400 ? 60 : 0
  let named = 0
  for (const i of visible) {
    if (named >= most) break
    if (write(short(data.names[i], 42), toX(i) + radius + 4, toY(i), '12px system-ui, sans-serif', '#32383f')) named++
  }
}
const short = (text, most) => (text.length > most ? [...text].slice(0, most - 1).join('') + '…' : text)

function nearest(x, y) {
  let best = -1
  let distance = 12 * 12
  for (let i = 0; i < count; i++) {
    if (isHidden(i) || (state.matches && !state.matches.has(i))) continue
    const square = (toX(i) - x) ** 2 + (toY(i) - y) ** 2
    if (square < distance) [best, distance] = [i, square]
  }
  return best
}

const card = byId('card')
function placeCard() {
  const i = state.pinned >= 0 ? state.pinned : state.hover
  card.hidden = i < 0
  if (i < 0) return
  const part = (name, text) => Object.assign(document.createElement(name), { textContent: text })
  const groups = colorings.map((one) => (one.kind === 'groups' ? one.name + ': ' + one.groups[one.of[i]].name : ''))
  const lines = [data.ids[i] === data.names[i] ? '' : data.ids[i], ...groups].filter((line) => line !== '')
  card.replaceChildren(part('strong', data.names[i]), part('span', data.texts[i]), ...lines.map((line) => part('small', line)))
  const [x, y] = [toX(i), toY(i)]
  const left = x + 14 + card.offsetWidth > width ? x - 14 - card.offsetWidth : x + 14
  const top = Math.min(y + 10, height - card.offsetHeight - 8)
  card.style.left = Math.max(4, left) + 'px'
  card.style.top = Math.max(4, top) + 'px'
}

function zoomAt(x, y, factor) {
  const next = Math.min(state.fit * 400, Math.max(state.fit * 0.5, state.scale * factor))
  const [px, py] = [x - width / 2, height / 2 - y]
  state.x += px / state.scale - px / next
  state.y += py / state.scale - py / next
  state.scale = next
  redraw()
}

const pointers = new Map()
let moved = 0
canvas.addEventListener('pointerdown', (event) => {
  canvas.setPointerCapture(event.pointerId)
  pointers.set(event.pointerId, [event.offsetX, event.offsetY])
  moved = 0
})
canvas.addEventListener('pointermove', (event) => {
  const last = pointers.get(event.pointerId)
  const now = [event.offsetX, event.offsetY]
  if (!last) {
    const hover = nearest(...now)
    if (hover !== state.hover) {
      state.hover = hover
      redraw()
    }
    return
  }
  const other = [...pointers.entries()].find(([id]) => id !== event.pointerId)
  if (other) {
    const span = (point) => Math.hypot(point[0] - other[1][0], point[1] - other[1][1])
    if (span(last) > 0) zoomAt((now[0] + other[1][0]) / 2, (now[1] + other[1][1]) / 2, span(now) / span(last))
  } else {
    state.x -= (now[0] - last[0]) / state.scale
    state.y += (now[1] - last[1]) / state.scale
    canvas.classList.add('moving')
  }
  moved += Math.abs(now[0] - last[0]) + Math.abs(now[1] - last[1])
  pointers.set(event.pointerId, now)
  redraw()
})
for (const name of ['pointerup', 'pointercancel'])
  canvas.addEventListener(name, (event) => {
    pointers.delete(event.pointerId)
    canvas.classList.remove('moving')
    if (name === 'pointerup' && moved < 4) {
      const hit = nearest(event.offsetX, event.offsetY)
      state.pinned = hit === state.pinned ? -1 : hit
      redraw()
    }
  })
canvas.addEventListener('pointerleave', () => {
  state.hover = -1
  redraw()
})
canvas.addEventListener('wheel', (event) => {
  event.preventDefault()
  zoomAt(event.offsetX, event.offsetY, Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0015)))
}, { passive: false })
canvas.addEventListener('dblclick', (event) => zoomAt(event.offsetX, event.offsetY, 2))
canvas.addEventListener('keydown', (event) => {
  const step = 60 / state.scale
  const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] }
  if (event.key in moves) {
    state.x += moves[event.key][0]
    state.y += moves[event.key][1]
  } else if (event.key === '+' || event.key === '=') zoomAt(width / 2, height / 2, 1.4)
  else if (event.key === '-') zoomAt(width / 2, height / 2, 1 / 1.4)
  else if (event.key === '0') whole()
  else if (event.key === 'Escape') state.pinned = -1
  else return
  event.preventDefault()
  redraw()
})
byId('closer').addEventListener('click', () => zoomAt(width / 2, height / 2, 1.6))
byId('further').addEventListener('click', () => zoomAt(width / 2, height / 2, 1 / 1.6))
byId('whole').addEventListener('click', whole)

const listed = 50
function search() {
  const words = byId('search').value.toLowerCase().split(/\\s+/).filter((word) => word !== '')
  const found = []
  if (words.length > 0) for (let i = 0; i < count; i++) if (words.every((word) => haystack[i].includes(word))) found.push(i)
  state.matches = words.length > 0 ? new Set(found) : undefined
  byId('found').textContent = words.length === 0 ? '' : found.length + (found.length === 1 ? ' item' : ' items') + (found.length > listed ? ', the first ' + listed + ':' : '')
  byId('matches').replaceChildren(...found.slice(0, listed).map((i) => {
    const button = Object.assign(document.createElement('button'), { type: 'button', textContent: data.names[i] })
    button.addEventListener('click', () => {
      state.pinned = i
      state.x = places[2 * i]
      state.y = places[2 * i + 1]
      state.scale = Math.max(state.scale, state.fit * 4)
      redraw()
    })
    const item = document.createElement('li')
    item.append(button)
    return item
  }))
  state.pinned = -1
  redraw()
}
byId('search').addEventListener('input', search)
byId('controls').addEventListener('submit', (event) => {
  event.preventDefault()
  if (!state.matches || state.matches.size === 0) return
  const box = [Infinity, Infinity, -Infinity, -Infinity]
  for (const i of state.matches) {
    box[0] = Math.min(box[0], places[2 * i])
    box[1] = Math.min(box[1], places[2 * i + 1])
    box[2] = Math.max(box[2], places[2 * i])
    box[3] = Math.max(box[3], places[2 * i + 1])
  }
  show(...box)
  state.scale = Math.min(state.scale, state.fit * 20)
  redraw()
})

function legend() {
  const place = byId('legend')
  const { coloring } = state
  if (!coloring) return place.replaceChildren()
  const heading = Object.assign(document.createElement('h2'), { textContent: coloring.name })
  if (coloring.kind === 'scale') {
    const ramp = Object.assign(document.createElement('canvas'), { id: 'ramp', width: 256, height: 1 })
    const pen = ramp.getContext('2d')
    data.ramp.forEach((color, at) => {
      pen.fillStyle = color
      pen.fillRect(at, 0, 1, 1)
    })
    const ends = Object.assign(document.createElement('div'), { className: 'ends' })
    ends.append(...[coloring.least, coloring.greatest].map((text) => Object.assign(document.createElement('span'), { textContent: text })))
    return place.replaceChildren(heading, ramp, ends)
  }
  place.replaceChildren(heading, ...coloring.groups.map((group, at) => {
    const button = Object.assign(document.createElement('button'), { type: 'button', className: 'group' })
    button.setAttribute('aria-pressed', String(!state.hidden.has(at)))
    const swatch = Object.assign(document.createElement('span'), { className: 'swatch' })
    swatch.style.background = group.color
    const number = Object.assign(document.createElement('span'), { className: 'count', textContent: String(group.count) })
    button.append(swatch, Object.assign(document.createElement('span'), { textContent: group.name }), number)
    button.addEventListener('click', () => {
      if (!state.hidden.delete(at)) state.hidden.add(at)
      button.setAttribute('aria-pressed', String(!state.hidden.has(at)))
      redraw()
    })
    return button
  }))
}
const chooser = byId('coloring')
if (chooser) chooser.addEventListener('change', () => {
  state.coloring = colorings[Number(chooser.value)]
  state.hidden.clear()
  legend()
  redraw()
})

legend()
let isFirst = true
new ResizeObserver(() => {
  resize()
  if (isFirst) whole()
  isFirst = false
}).observe(canvas)
`
