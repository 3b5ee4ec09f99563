/** Something the user has to do: a message, and lines of advice. */
export class SetupError extends Error {
  constructor(message, advice = []) {
    super(message)
    this.name = 'SetupError'
    this.advice = advice
  }
}
