import type { CertificateState } from './account.ts'

export interface CertifiedRow {
  readonly key: string
  readonly state: CertificateState
  readonly cause: string
  readonly contentSha256: string
}

/** Rows of an account as a file tells them, made as they are asked for: what is held of each is a few bytes and its key. */
export interface RowTable<Row extends CertifiedRow = CertifiedRow> {
  readonly length: number
  keyAt(position: number): string
  stateAt(position: number): CertificateState
  at(position: number): Row
}

/** Finds rows by key in a table that is most often asked for them in its own order. */
export function rowFinder<Row extends CertifiedRow>(table: RowTable<Row>): (key: string) => Row | undefined {
  let next = 0
  let places: Map<string, number> | undefined
  return (key) => {
    if (next < table.length && table.keyAt(next) === key) return table.at(next++)
    // Somebody put the table into another order: all of it has to be known.
    places ??= new Map(Array.from({ length: table.length }, (_, position) => [table.keyAt(position), position]))
    const place = places.get(key)
    if (place === undefined) return undefined
    next = place + 1
    return table.at(place)
  }
}
