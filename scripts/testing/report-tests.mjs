import { relative } from 'node:path'
import { inspect } from 'node:util'

/**
 * Prints a line for every test file as it ends, then every failure in full and every skipped test with its reason, and
 * last of all `N passed, N failed` (and `, N skipped` when some were). True when nothing failed.
 */
export async function reportTests(events, { skipsAllowed, write }) {
  const files = []
  for await (const { type, data } of events) {
    // A test that a shared suite defines belongs to the file that runs it.
    const path = data.entryFile ?? data.file
    if (path === undefined || ignored.has(type)) continue
    if (files.at(-1)?.path !== path) {
      if (files.length > 0) write(lineOf(files.at(-1)))
      files.push(newFile(path))
    }
    record(files.at(-1), { type, data })
  }
  if (files.length > 0) write(lineOf(files.at(-1)))
  return writeEnd(files, { skipsAllowed, write })
}

/** Sent out of turn; all other events come file by file. */
const ignored = new Set(['test:enqueue', 'test:dequeue', 'test:complete'])

const newFile = (path) => ({
  path,
  name: relative(process.cwd(), path),
  passed: [],
  failed: [],
  skipped: [],
  output: '',
})

function record(file, { type, data }) {
  // The tests of a skipped suite are not told one by one: it stands for them.
  if (type === 'test:pass' && data.skip !== undefined) file.skipped.push(data)
  else if (type === 'test:pass' && isTest(data)) file.passed.push(data)
  else if (type === 'test:fail' && isFailure(data)) file.failed.push(data)
  else if (type === 'test:stdout' || type === 'test:stderr') file.output += data.message
  else if (type === 'test:summary') file.durationMs = data.duration_ms
}

const isTest = ({ details }) => details.type !== 'suite'

/** A suite, or a test with tests inside it, that failed only because something in it did, is no failure of its own. */
const isFailure = ({ details }) => details.error?.failureType !== 'subtestsFailed'

function lineOf({ name, passed, failed, skipped, durationMs }) {
  const counts = [
    `${passed.length} passed`,
    ...(failed.length > 0 ? [`${failed.length} FAILED`] : []),
    ...(skipped.length > 0 ? [`${skipped.length} skipped`] : []),
  ]
  const duration = durationMs === undefined ? '' : ` (${(durationMs / 1000).toFixed(1)} s)`
  return `${failed.length > 0 ? '✖' : '✔'} ${name}: ${counts.join(', ')}${duration}\n`
}

function writeEnd(files, { skipsAllowed, write }) {
  for (const file of files) if (file.failed.length > 0) writeFailures(file, write)
  const count = (kind) => files.reduce((sum, file) => sum + file[kind].length, 0)
  const skipped = count('skipped')
  if (skipped > 0) writeSkipped(files, { skipsAllowed, write })
  const failed = count('failed') + (skipsAllowed ? 0 : skipped)
  const passed = count('passed')
  if (passed + failed === 0) write('No test was run.\n')
  write(`\n${passed} passed, ${failed} failed${skipsAllowed && skipped > 0 ? `, ${skipped} skipped` : ''}\n`)
  return failed === 0 && passed > 0
}

function writeFailures({ name, failed, output }, write) {
  for (const { name: test, line, details } of failed) {
    write(`\n✖ ${test}\n  ${name}:${line}\n${indent(inspect(causeOf(details.error), { depth: 8 }))}\n`)
  }
  if (output.trim() !== '') write(`\n  What ${name} printed:\n${indent(output.trimEnd())}\n`)
}

function writeSkipped(files, { skipsAllowed, write }) {
  write(`\nSkipped${skipsAllowed ? '' : ', which counts as failed here'}:\n`)
  for (const { name, skipped } of files) {
    for (const { name: test, skip } of skipped) {
      write(`- ${test} (${name})\n    ${typeof skip === 'string' && skip !== '' ? skip : 'no reason given'}\n`)
    }
  }
}

/** The runner wraps what a test threw; without a cause it is itself what happened (a time-out, a crash of the file). */
const causeOf = (error) => error?.cause ?? error

const indent = (text) => text.replace(/^/gm, '    ')
