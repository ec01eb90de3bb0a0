/** The body was longer than allowed; what was read of it is dropped. */
export class BodyTooLarge extends Error {}

/** A body as text, its bytes (after decompression) counted as they arrive. @throws {BodyTooLarge} as soon as there are too many. */
export async function readBody(response: Response, mostBytes: number): Promise<string> {
  if (response.body === null) return ''
  const reader = response.body.getReader()
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const parts: string[] = []
  let bytes = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    bytes += value.byteLength
    if (bytes > mostBytes) {
      await reader.cancel().catch(() => {})
      throw new BodyTooLarge()
    }
    parts.push(decoder.decode(value, { stream: true }))
  }
  parts.push(decoder.decode())
  return parts.join('')
}
