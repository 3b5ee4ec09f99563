import { type Html, html } from './html.ts'

export interface Frame {
  readonly title: string
  /** Shows the way out. */
  readonly signedIn?: boolean
}

/** A whole page around its content. */
export function framed({ title, signedIn = false }: Frame, content: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Windrow</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>
<a class="mark" href="/">Windrow</a>
<nav aria-label="Main"><a href="/">Sweeps</a> <a href="/queues">Queues</a></nav>
${signedIn && html`<form method="post" action="/logout"><button type="submit">Sign out</button></form>`}
</header>
<main id="content">
${content}
</main>
</body>
</html>
`.text
}
