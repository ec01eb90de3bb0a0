import { type FileHandle, open } from 'node:fs/promises'
import { NotFoundError, UnreadableInputError } from '../spec/errors.ts'

const chunkBytes = 1 << 20

/** Reads a file of any size from front to back: lines, runs up to a byte, blocks. What it returns is valid until the next call. */
export class ByteCursor {
  readonly size: number
  private readonly path: string
  private readonly file: FileHandle
  private buffer: Buffer = Buffer.alloc(0)
  private at = 0
  private ended = false

  private constructor(path: string, file: FileHandle, size: number) {
    this.path = path
    this.file = file
    this.size = size
  }

  static async open(path: string): Promise<ByteCursor> {
    let file: FileHandle
    try {
      file = await open(path)
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') throw new NotFoundError('file', path)
      throw cause
    }
    return new ByteCursor(path, file, (await file.stat()).size)
  }

  close(): Promise<void> {
    return this.file.close()
  }

  /**
   * The next line without its newline, left where it is; undefined at the end.
   *
   * @throws {UnreadableInputError} when it is longer than `most` bytes.
   */
  async peekLine(most: number): Promise<Buffer | undefined> {
    const end = await this.find(10, most)
    const line = this.buffer.subarray(this.at, end < 0 ? undefined : end)
    if (line.length > most) throw new UnreadableInputError(this.path, `lines of at most ${most} bytes`, 'a longer one')
    return end < 0 && line.length === 0 ? undefined : line
  }

  /** The next line, passed over; as `peekLine` otherwise. */
  async line(most: number): Promise<Buffer | undefined> {
    const line = await this.peekLine(most)
    if (line !== undefined) this.at = Math.min(this.at + line.length + 1, this.buffer.length)
    return line
  }

  /** What comes before the next `byte`, which is passed over; undefined where there is none within `most`. */
  async until(byte: number, most: number): Promise<Buffer | undefined> {
    const end = await this.find(byte, most)
    if (end < 0) return undefined
    const found = this.buffer.subarray(this.at, end)
    this.at = end + 1
    return found
  }

  /** The next `count` bytes; undefined when fewer are left. */
  async take(count: number): Promise<Buffer | undefined> {
    while (this.buffer.length - this.at < count && !this.ended) await this.fill()
    if (this.buffer.length - this.at < count) return undefined
    this.at += count
    return this.buffer.subarray(this.at - count, this.at)
  }

  /** Pass over any number of `byte`. */
  async skip(byte: number): Promise<void> {
    for (;;) {
      if (this.at === this.buffer.length) {
        if (this.ended) return
        await this.fill()
      } else if (this.buffer[this.at] === byte) this.at++
      else return
    }
  }

  private async find(byte: number, most: number): Promise<number> {
    let looked = 0
    for (;;) {
      const end = this.buffer.indexOf(byte, this.at + looked)
      if (end >= 0) return end - this.at <= most ? end : -1
      looked = this.buffer.length - this.at
      if (this.ended || looked > most) return -1
      await this.fill()
    }
  }

  private async fill(): Promise<void> {
    const chunk = Buffer.allocUnsafe(chunkBytes)
    const { bytesRead } = await this.file.read(chunk, 0, chunkBytes, null)
    this.ended = bytesRead === 0
    this.buffer = Buffer.concat([this.buffer.subarray(this.at), chunk.subarray(0, bytesRead)])
    this.at = 0
  }
}
