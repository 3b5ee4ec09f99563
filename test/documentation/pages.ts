import { readdirSync, readFileSync } from 'node:fs'

export interface Page {
  /** Relative to the root of the project: `docs/files.md`. */
  readonly path: string
  readonly text: string
}

const root = new URL('../../', import.meta.url)

/** The README and every page of docs/ and the root that people read. */
export function documentationPages(): Page[] {
  const inDocs = readdirSync(new URL('docs/', root)).map((name) => `docs/${name}`)
  const paths = ['README.md', 'CONTRIBUTING.md', ...inDocs.filter((path) => path.endsWith('.md'))]
  return paths.map((path) => ({ path, text: readFileSync(new URL(path, root), 'utf8') }))
}

/** The Python blocks of a page, in order. */
export function pythonBlocks({ text }: Page): string[] {
  return [...text.matchAll(/^```python\n(.*?)^```$/gms)].map((match) => match[1]!)
}
