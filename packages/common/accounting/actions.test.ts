import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { boundStore } from '../../../test/fixtures/bound-store.ts'
import { isWindrowError } from '../errors/windrow-error.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import { names } from '../store/names.ts'
import { createActionReader, readActions, recordAction } from './actions.ts'
import { describePause, pauseBy } from './pause.ts'
import { describeSetAside, setAsideBy } from './set-aside.ts'

const noon = Date.UTC(2026, 0, 15, 12)
const by = (who: string, action: 'pause' | 'resume' | 'cancel') => ({ sweep: 's', action, selector: [], by: who })

describe("operators' actions", () => {
  it('are read in the order in which they were recorded', async () => {
    const store = createMemoryStore()
    for (const [place, who] of ['anna', 'ben', 'chen'].entries()) {
      await recordAction(store, by(who, 'pause'), { now: noon + place, id: `${9 - place}` })
    }
    const { actions, newest } = await readActions(store, 's')
    assert.deepEqual(
      actions.map((action) => action.by),
      ['anna', 'ben', 'chen'],
    )
    assert.equal(newest, names.action('s', noon + 2, '7'))
  })

  it('come after those of a host whose clock is ahead, and still say their own time', async () => {
    const store = createMemoryStore()
    const ahead = noon + 20 * 60_000
    await recordAction(store, by('ahead', 'pause'), { now: ahead, id: 'a' })
    const name = await recordAction(store, by('right', 'resume'), { now: noon, id: 'b' })
    const { actions, newest } = await readActions(store, 's')
    assert.equal(newest, name)
    assert.deepEqual([actions[1]?.by, actions[1]?.at], ['right', new Date(noon).toISOString()])
    assert.equal(pauseBy(actions), undefined)
  })

  it('are read from the store once', async () => {
    const store = createMemoryStore()
    let reads = 0
    const counting = boundStore(store, {
      read: async (name) => {
        reads++
        return await store.read(name)
      },
    })
    const reader = createActionReader(counting)
    await recordAction(store, by('anna', 'pause'), { now: noon, id: 'a' })
    await reader.read('s')
    await reader.read('s')
    assert.equal(reads, 1)
    await recordAction(store, by('anna', 'resume'), { now: noon, id: 'b' })
    assert.equal((await reader.read('s')).actions.length, 2)
    assert.equal(reads, 2)
  })

  it('that Windrow did not write are refused by name', async () => {
    const store = createMemoryStore()
    await store.create(names.action('s', noon, 'x'), Buffer.from('{"action":"rm -rf"}'))
    await assert.rejects(readActions(store, 's'), (error) => isWindrowError(error, 'STORE_RECORD_INVALID'))
  })
})

describe('a pause', () => {
  const at = (minute: number) => new Date(noon + minute * 60_000).toISOString()
  const did = (action: 'pause' | 'resume' | 'cancel', who: string, minute: number, reason?: string) => ({
    ...{ schema: 1 as const, ...by(who, action), at: at(minute) },
    ...(reason !== undefined && { reason }),
  })

  it('holds from its first word until it is resumed', () => {
    assert.equal(pauseBy([]), undefined)
    const paused = [did('pause', 'anna', 0, 'maintenance'), did('cancel', 'chen', 1), did('pause', 'ben', 5)]
    assert.deepEqual(pauseBy(paused), { by: 'anna', since: at(0), reason: 'maintenance' })
    assert.equal(pauseBy([...paused, did('resume', 'ben', 6)]), undefined)
    assert.equal(pauseBy([...paused, did('resume', 'ben', 6), did('pause', 'chen', 7)])?.by, 'chen')
  })

  it('is described with who, since when and why', () => {
    const text = describePause({ by: 'anna@desk', since: at(0), reason: 'maintenance' })
    assert.equal(text, 'paused by anna@desk since 2026-01-15 12:00 UTC (maintenance)')
  })

  it('says what failed alike when the sweep paused itself', () => {
    const example = { key: 'k', code: 'OPTIMIZER_FAILED', message: 'no module', host: 'h' }
    const itself = { ...did('pause', 'windrow', 0, 'all alike'), fingerprint: 'OPTIMIZER_FAILED: no module', example }
    const { fingerprint } = itself
    assert.deepEqual(pauseBy([itself]), { by: 'windrow', since: at(0), reason: 'all alike', fingerprint, example })
  })
})

describe('a host that is set aside', () => {
  const at = (minute: number) => new Date(noon + minute * 60_000).toISOString()
  const aside = (host: string, minute: number) => ({
    ...{ schema: 1 as const, sweep: 's', action: 'set-aside' as const, selector: [] },
    ...{ host, reason: `of ${minute}`, by: 'windrow', at: at(minute) },
  })
  const resumed = { schema: 1 as const, ...by('anna', 'resume'), at: at(9) }

  it('is so from its first word until the sweep is resumed', () => {
    const words = [aside('one', 0), aside('two', 1), aside('one', 2)]
    const [one, two, ...more] = setAsideBy(words)
    assert.deepEqual([one, two?.host, more], [{ host: 'one', since: at(0), reason: 'of 0' }, 'two', []])
    assert.deepEqual(setAsideBy([...words, resumed]), [])
    assert.equal(setAsideBy([...words, resumed, aside('two', 10)])[0]?.since, at(10))
    assert.equal(describeSetAside(one!), 'host one is set aside since 2026-01-15 12:00 UTC (of 0)')
  })
})
