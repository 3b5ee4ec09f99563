import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { createTerminal } from './terminal.ts'

test('colours come only on a screen, and not with NO_COLOR or a dumb terminal', () => {
  assert.equal(styled({ isScreen: true }), '\u001b[32mfine\u001b[39m')
  assert.equal(styled({ isScreen: false }), 'fine')
  assert.equal(styled({ isScreen: true, environment: { NO_COLOR: '1' } }), 'fine')
  assert.equal(styled({ isScreen: true, environment: { TERM: 'dumb' } }), 'fine')
  assert.equal(styled({ isScreen: true, environment: { NO_COLOR: '' } }), '\u001b[32mfine\u001b[39m')
})

test('a reader that has left is no error, any other failure to write is', () => {
  const { stdout, terminal } = built({ isScreen: false })
  stdout.emit('error', Object.assign(new Error('broken pipe'), { code: 'EPIPE' }))
  assert.equal(terminal.closed(), true)
  terminal.print('to nobody')
  assert.equal(stdout.read(), null)
  assert.throws(() => stdout.emit('error', Object.assign(new Error('disk full'), { code: 'ENOSPC' })), /disk full/)
})

interface Setting {
  readonly isScreen: boolean
  readonly environment?: { readonly NO_COLOR?: string; readonly TERM?: string }
}

function built({ isScreen, environment = {} }: Setting) {
  const stream = () => Object.assign(new PassThrough(), { isTTY: isScreen }) as unknown as NodeJS.WriteStream
  const stdout = stream()
  return { stdout, terminal: createTerminal({ stdout, stderr: stream(), environment }) }
}

const styled = (setting: Setting) => built(setting).terminal.style('good', 'fine')
