import { framed } from './frame.ts'
import { html } from './html.ts'

/** A page that says one thing: what is not there, what went wrong. */
export function plainPage(title: string, message: string): string {
  return framed({ title }, html`<h1>${title}</h1>\n<p>${message}</p>\n<p><a href="/">All sweeps</a></p>`)
}
