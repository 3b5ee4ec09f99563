import { after } from 'node:test'

/**
 * Loaded into every test file. A file whose tests are over but that left something open (a connection, a timer, a
 * child process) would hold up everything for ever: it is told what is open, and fails. The timer alone holds nothing.
 */
const graceMs = 20_000

after(() => {
  const timer = setTimeout(() => {
    const open = process.getActiveResourcesInfo()
    process.stderr.write(`Still open ${graceMs / 1000} s after the last test: ${open.join(', ')}\n`, () =>
      process.exit(1),
    )
  }, graceMs)
  timer.unref()
})
