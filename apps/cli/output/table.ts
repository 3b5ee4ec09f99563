export interface Column {
  readonly header: string
  /** Numbers stand under each other at their last digit. */
  readonly align?: 'left' | 'right'
}

/** Rows under headers, in columns as wide as their widest cell, two spaces between; no space at the end of a line. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map(({ header }) => header), ...rows]
  const widths = columns.map((_, c) => Math.max(...lines.map((line) => widthOf(line[c] ?? ''))))
  return lines
    .map((line) => {
      const cells = columns.map(({ align }, c) => pad(line[c] ?? '', widths[c]!, align ?? 'left'))
      return `${cells.join('  ').trimEnd()}\n`
    })
    .join('')
}

/** Facts as `name  value` lines, the values under each other. */
export function formatFacts(facts: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(0, ...facts.map(([name]) => widthOf(name)))
  return facts.map(([name, value]) => `${pad(name, width, 'left')}  ${value}`.trimEnd().concat('\n')).join('')
}

function pad(text: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)))
  return align === 'right' ? space + text : text + space
}

/** Colours take no room on a terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what starts a colour
const widthOf = (text: string) => text.replaceAll(/\u001b\[\d+m/g, '').length
