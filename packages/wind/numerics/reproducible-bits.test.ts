import assert from 'node:assert/strict'
import { glob, readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const rounding = /Math\.pow|Math\.random|[\w)\]]\s*\*\*=?\s*[\w(]/
const outside = /from '(?!\.{1,2}\/)/

async function sources(): Promise<{ path: string; code: string }[]> {
  const found: { path: string; code: string }[] = []
  for await (const path of glob('**/*.ts', { cwd: root })) {
    if (path.endsWith('.test.ts') || path.includes('node_modules')) continue
    const text = await readFile(`${root}/${path}`, 'utf8')
    found.push({ path, code: text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '') })
  }
  return found
}

test('no source raises to a power or draws unseeded numbers: their bits differ between versions of V8', async () => {
  const files = await sources()
  assert.ok(files.length > 10)
  assert.deepEqual(
    files.filter(({ code }) => rounding.test(code)).map(({ path }) => path),
    [],
  )
})

test('no source imports anything from outside the wind package', async () => {
  const offending = (await sources()).filter(({ code }) => outside.test(code))
  assert.deepEqual(
    offending.map(({ path }) => path),
    [],
  )
})
