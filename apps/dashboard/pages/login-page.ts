import { framed } from './frame.ts'
import { html } from './html.ts'

export interface LoginPage {
  /** The page to go on to. */
  readonly next: string
  /** Why the last try was not taken. */
  readonly problem?: string
}

/** Asks for the password. */
export function loginPage({ next, problem }: LoginPage): string {
  return framed(
    { title: 'Sign in' },
    html`<form class="login" method="post" action="/login">
<h1>Sign in</h1>
${problem !== undefined && html`<p class="problem" role="alert">${problem}</p>`}
<input type="hidden" name="next" value="${next}">
<label for="password">Password of this dashboard</label>
<input id="password" name="password" type="password" autocomplete="current-password" required autofocus>
<button type="submit">Sign in</button>
</form>`,
  )
}
