/** Numbers by name and row, a column of doubles for each name: 8 bytes instead of an object a row. */
export class NumberColumns {
  readonly #columns = new Map<string, Float64Array>()

  set(row: number, numbers: Readonly<Record<string, number>>): void {
    for (const [name, value] of Object.entries(numbers)) {
      const column = this.#columns.get(name) ?? new Float64Array(64).fill(Number.NaN)
      const roomy = row < column.length ? column : grown(column, row)
      roomy[row] = value
      this.#columns.set(name, roomy)
    }
  }

  /** The numbers of a row that it has, by name. */
  at(row: number): Record<string, number> {
    const numbers: Record<string, number> = {}
    for (const name of [...this.#columns.keys()].sort()) {
      const column = this.#columns.get(name)!
      const value = column[row] ?? Number.NaN
      if (!Number.isNaN(value)) numbers[name] = value
    }
    return numbers
  }
}

function grown(column: Float64Array, row: number): Float64Array {
  const larger = new Float64Array(Math.max(row + 1, 2 * column.length)).fill(Number.NaN)
  larger.set(column)
  return larger
}
