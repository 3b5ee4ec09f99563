/** The names of a group's members, each to be taken once, most often in their order: a million of them are no set of strings. */
export class MemberNames {
  readonly #names: readonly string[]
  readonly #taken: Uint8Array
  #next = 0

  /** Takes the array over. */
  constructor(names: string[]) {
    this.#names = names.sort()
    this.#taken = new Uint8Array(names.length)
  }

  /** Whether there is such a member that was not taken yet. */
  take(name: string): boolean {
    if (this.#names[this.#next] !== name) this.#next = this.#firstFrom(name)
    if (this.#names[this.#next] !== name || this.#taken[this.#next] === 1) return false
    this.#taken[this.#next++] = 1
    return true
  }

  left(): string[] {
    return this.#names.filter((_, place) => this.#taken[place] === 0)
  }

  /** The place of the first name that does not come before this one. */
  #firstFrom(name: string): number {
    let [from, to] = [0, this.#names.length]
    while (from < to) {
      const middle = (from + to) >> 1
      if (this.#names[middle]! < name) from = middle + 1
      else to = middle
    }
    return from
  }
}
