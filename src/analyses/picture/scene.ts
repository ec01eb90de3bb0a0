/** What a picture is made of, whatever form it is written in: marks in the order they are painted. */
export type Mark =
  | {
      readonly kind: 'disc'
      readonly x: number
      readonly y: number
      readonly radius: number
      readonly color: string
      readonly opacity: number
      /** Shown by browsers while the pointer rests on it. */
      readonly hint?: string | undefined
    }
  | {
      readonly kind: 'rectangle'
      readonly x: number
      readonly y: number
      readonly width: number
      readonly height: number
      readonly color: string
    }
  | {
      readonly kind: 'text'
      readonly text: string
      /** Left end and baseline. */
      readonly x: number
      readonly y: number
      readonly size: number
      readonly color: string
      readonly bold?: boolean | undefined
      /** A rim in the background's colour, so that the text reads over other marks. @default false */
      readonly rim?: boolean | undefined
    }

export interface Scene {
  readonly width: number
  readonly height: number
  readonly background: string
  /** What the picture shows, for people who do not see it. */
  readonly description: string
  readonly title: string | undefined
  readonly marks: readonly Mark[]
}
