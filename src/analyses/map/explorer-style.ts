/** The style of the page that `mapHtml` writes. */
export const explorerStyle = `
:root { color-scheme: light; font: 14px/1.4 system-ui, sans-serif; color: #1f2328; }
* { box-sizing: border-box; }
body { margin: 0; height: 100vh; display: flex; flex-direction: column; background: #fff; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 24px; padding: 8px 16px; border-bottom: 1px solid #d8dee4; }
h1 { font-size: 18px; margin: 0; overflow-wrap: anywhere; }
form { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 16px; margin-left: auto; }
input, select, button { font: inherit; padding: 3px 8px; border: 1px solid #b8c0c8; border-radius: 6px; background: #fff; color: inherit; }
input { width: 17em; }
button { cursor: pointer; }
button:hover { background: #f3f5f7; }
.zoom { display: inline-flex; gap: 4px; }
main { position: relative; flex: 1; min-height: 0; display: flex; }
canvas { flex: 1; min-width: 0; height: 100%; display: block; cursor: grab; touch-action: none; }
canvas:focus-visible { outline: 2px solid #0969da; outline-offset: -2px; }
canvas.moving { cursor: grabbing; }
aside { width: 230px; overflow: auto; padding: 12px 16px; border-left: 1px solid #d8dee4; }
aside ul { list-style: none; margin: 0 0 12px; padding: 0; }
aside li button, .group { display: flex; width: 100%; gap: 8px; align-items: baseline; text-align: left; border: 0; padding: 2px 4px; border-radius: 4px; background: none; overflow-wrap: anywhere; }
.group[aria-pressed="false"] { opacity: 0.4; }
.swatch { flex: none; width: 11px; height: 11px; border-radius: 50%; }
.count { margin-left: auto; flex: none; overflow-wrap: normal; color: #57606a; font-variant-numeric: tabular-nums; }
#found { color: #57606a; margin-bottom: 4px; }
#found:empty { display: none; }
#legend h2 { font-size: 14px; margin: 0 0 4px; overflow-wrap: anywhere; }
#ramp { width: 100%; height: 14px; display: block; }
.ends { display: flex; justify-content: space-between; color: #57606a; }
#card { position: absolute; max-width: 340px; padding: 8px 12px; background: #fff; border: 1px solid #b8c0c8; border-radius: 8px; box-shadow: 0 4px 16px rgb(31 35 40 / 18%); pointer-events: none; overflow-wrap: anywhere; }
#card strong { display: block; }
#card small { color: #57606a; display: block; }
footer { padding: 4px 16px 6px; border-top: 1px solid #d8dee4; color: #57606a; font-size: 12px; }
footer p { margin: 0; }
@media (max-width: 640px) { aside { display: none; } form { margin-left: 0; } }
`
