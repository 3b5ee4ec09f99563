/** One line of CSV (RFC 4180, but with a plain newline): quoted only where it must be. */
export function csvLine(cells: readonly (string | number | undefined)[]): string {
  return `${cells.map((cell) => quoted(String(cell ?? ''))).join(',')}\n`
}

/** The first cell of each line of CSV or of a plain list; empty lines and lines that start with `#` are left out. */
export function firstCells(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const quotedCell = /^"((?:[^"]|"")*)"/.exec(line)?.[1]
      return quotedCell === undefined ? line.split(',', 1)[0]!.trim() : quotedCell.replaceAll('""', '"')
    })
}

const quoted = (cell: string) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)
