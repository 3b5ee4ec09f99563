import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { windrow } from '../fixtures/command.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { documentationPages } from './pages.ts'

interface Mention {
  readonly path: string
  readonly command: string
  readonly flags: readonly string[]
}

const root = fileURLToPath(new URL('../../', import.meta.url))
const pages = documentationPages()
const mentions = pages.flatMap(({ path, text }) => text.split('\n').flatMap((line) => mentionsIn(path, line)))
const folder = await temporaryFolder()
const helpOf = async (...command: string[]) => (await windrow([...command, '--help'], folder)).stdout
const commands = new Set(Array.from((await helpOf()).matchAll(/^ {2}([a-z]+) \[options\]/gm), (match) => match[1]!))

/** `windrow COMMAND ...` in code; in the table of commands, its flags are whatever the row names. */
function mentionsIn(path: string, line: string): Mention[] {
  const isRow = line.startsWith('| `windrow')
  const found = line.matchAll(/(?:^\$ |`|bin\/)windrow ([a-z]+)([^`]*)/g)
  return Array.from(found, ([, command, rest]) => {
    const flags = (isRow ? line : rest!).match(/--[a-z-]+/g) ?? []
    return { path, command: command!, flags }
  })
}

describe('the documentation', () => {
  it('names commands that exist, and the README every one of them', () => {
    for (const { path, command } of mentions) assert.ok(commands.has(command), `${path} names windrow ${command}`)
    const inReadme = new Set(mentions.filter(({ path }) => path === 'README.md').map(({ command }) => command))
    assert.deepEqual([...commands].sort(), [...inReadme].sort())
  })

  it('gives commands flags that they have', async () => {
    for (const command of commands) {
      const flagged = mentions.filter((mention) => mention.command === command && mention.flags.length > 0)
      const help = flagged.length > 0 ? await helpOf(command) : ''
      for (const { path, flags } of flagged) {
        for (const flag of flags)
          assert.match(help, new RegExp(`${flag}(?![\\w-])`), `${path}: windrow ${command} ${flag}`)
      }
    }
  })

  it('leads to files that are there', () => {
    for (const { path, text } of pages) {
      for (const [, target] of text.matchAll(/\]\(([^)#]+)[^)]*\)/g)) {
        if (!/^https?:/.test(target!)) assert.ok(existsSync(join(root, dirname(path), target!)), `${path}: ${target}`)
      }
      for (const [, file] of text.matchAll(/`((?:apps|packages|examples|test|scripts)\/[\w./-]+)`/g)) {
        assert.ok(existsSync(join(root, file!)), `${path}: ${file}`)
      }
    }
  })
})
