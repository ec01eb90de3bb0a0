/** Builds `Structure.words`: what is kept, and what is masked, from left to right. */
export class WordMask {
  readonly #text: string
  readonly #parts: string[] = []
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  keep(end: number): void {
    if (end <= this.#at) return
    this.#parts.push(this.#text.slice(this.#at, end))
    this.#at = end
  }

  /** @param fill - NUL where the words around belong together, a space where they do not. @default '\0' */
  mask(end: number, fill: '\0' | ' ' = '\0'): void {
    if (end <= this.#at) return
    this.#parts.push(fill.repeat(end - this.#at))
    this.#at = end
  }

  finish(): string {
    this.keep(this.#text.length)
    return this.#parts.join('')
  }
}
