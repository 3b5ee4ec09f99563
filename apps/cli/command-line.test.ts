import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { systemClock } from '@windrow/common/time/clock.ts'
import { systemRandomness } from '@windrow/common/time/randomness.ts'
import type { Command } from 'commander'
import { commandLine } from './command-line.ts'
import { createTerminal } from './output/terminal.ts'

const stream = () => new PassThrough() as unknown as NodeJS.WriteStream
const [stdout, stderr] = [stream(), stream()]
const program = commandLine({
  surroundings: {
    terminal: createTerminal({ stdout, stderr, environment: {} }),
    environment: {},
    workingDirectory: '/',
    clock: systemClock,
    randomness: systemRandomness,
    user: 'test',
    host: 'here',
    command: 'windrow',
  },
  host: {
    environment: {},
    findRedis: async () => ({ binary: 'redis-server', version: '7.0.15' }),
    stdout,
    stderr,
    numericsId: 'test',
    windrowVersion: '0.0.0',
    user: 'test',
    hostName: 'here',
    command: 'windrow',
  },
  version: '0.0.0',
  end: () => assert.fail('nothing was run'),
})

test('every command has help with an example', () => {
  assert.ok(program.commands.length >= 12)
  for (const command of program.commands) {
    assert.match(helpOf(command), new RegExp(`Examples:\\n {2}windrow ${command.name()}`), command.name())
  }
})

test('every command that prints facts prints them as JSON, too', () => {
  const services = ['producer', 'worker', 'merger', 'dashboard']
  for (const command of program.commands.filter((found) => !services.includes(found.name()))) {
    assert.ok(
      command.options.some(({ long }) => long === '--json'),
      command.name(),
    )
  }
})

function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({
    writeOut: (part) => {
      text += part
    },
  })
  command.outputHelp()
  return text
}
