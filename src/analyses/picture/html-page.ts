import { sha256Hex } from '../../spec/sha256.ts'
import { escapeXml } from './svg.ts'

export interface HtmlPage {
  readonly title: string
  /** CSS of the page, the only style it allows. */
  readonly style: string
  /** Markup. */
  readonly body: string
  /** The only script it allows; runs after the body. @default none */
  readonly script?: string | undefined
}

/**
 * A page that needs nothing else: its policy allows its own style and script by their digests, no network, nothing inline
 * besides.
 */
export function htmlPage({ title, style, body, script }: HtmlPage): string {
  const scripts = script === undefined ? '' : ` script-src '${integrity(script)}';`
  const policy = `default-src 'none';${scripts} style-src '${integrity(style)}'; base-uri 'none'; form-action 'none'`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeXml(title)}</title>
<style>${style}</style>
</head>
<body>
${body}
${script === undefined ? '' : `<script>${script}</script>\n`}</body>
</html>
`
}

function integrity(text: string): string {
  return `sha256-${Buffer.from(sha256Hex(text), 'hex').toString('base64')}`
}
