/**
 * A reporter for `node --test`: a line of JSON for every test that ended (not for suites), with its whole name, and for
 * every one that was skipped.
 * @public
 */
export default async function* tellTests(events) {
  const names = []
  for await (const { type, data } of events) {
    if (type === 'test:start') names[data.nesting] = data.name
    if (type !== 'test:pass' && type !== 'test:fail') continue
    if (data.details?.type === 'suite' || data.details?.error?.failureType === 'subtestsFailed') continue
    const name = [...names.slice(0, data.nesting), data.name].join(' > ')
    const error = data.details?.error?.cause ?? data.details?.error
    const outcome = data.skip === undefined ? (type === 'test:pass' ? 'passed' : 'failed') : 'skipped'
    yield `${JSON.stringify({ name, outcome, error: error && { name: error.name, message: String(error.message ?? error) } })}\n`
  }
}
