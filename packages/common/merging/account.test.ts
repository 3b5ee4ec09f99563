import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seeded, shuffled } from '../../../test/fixtures/merge-inputs.ts'
import { type Account, accountOf, certificateState, type ExpectedConfiguration } from './account.ts'
import { certificateText, certify, decodeCertificate } from './certificate.ts'
import { inputDigest } from './input-digest.ts'
import { toleranceOf } from './tolerance.ts'

const states = ['committed', 'dead-corrupt', 'dead-failed', 'missing'] as const

function randomRows(random: () => number, count: number): ExpectedConfiguration[] {
  return Array.from({ length: count }, (_, index) => {
    const state = states[Math.floor(random() * states.length)]!
    const salvaged = random() < 0.2
    return {
      key: `farm${Math.floor(random() * 20)}_t${index % 7}_s${index}`,
      index,
      fields: { ss_seed: index },
      state,
      epoch: Math.floor(random() * 3),
      ...(state.startsWith('dead') ? { cause: 'ATTEMPT_TIMEOUT' } : {}),
      source: salvaged ? 'salvage' : 'windrow',
      verified: salvaged ? 'plausible' : 'evaluated',
    }
  })
}

const digestFor = (key: string) => Buffer.from(key.padEnd(32, '.').slice(0, 32)).toString('hex')
const digestsOf = (account: Account) => ({
  contentSha256At: (position: number) => digestFor(account.keyAt(position)),
})

function encodedCertificateOf(rows: readonly ExpectedConfiguration[], tolerance: string | number = 0): string {
  const account = accountOf(rows)
  const merged = digestsOf(account)
  const certificate = certify({
    sweep: 'danish-energy-island',
    identityDigest: 'abc',
    layout: 'keyed',
    tolerance: toleranceOf(tolerance, rows.length),
    account,
    merged,
  })
  return [...certificateText(certificate, account, merged)].join('')
}

const certificateOf = (rows: readonly ExpectedConfiguration[], tolerance: string | number = 0) =>
  decodeCertificate(encodedCertificateOf(rows, tolerance))

test('every expected configuration is named exactly once, whatever the states', () => {
  const random = seeded(1)
  for (let round = 0; round < 200; round++) {
    const rows = randomRows(random, Math.floor(random() * 60))
    const { counts } = accountOf(rows)
    assert.equal(counts.expected, rows.length)
    assert.equal(counts.merged + counts.quarantined + counts.dead + counts.missing, counts.expected)
    const certificate = certificateOf(rows)
    const named = [
      ...certificate.merged.map(({ key }) => [key, 'merged']),
      ...certificate.quarantined.map(({ key }) => [key, 'quarantined']),
      ...certificate.dead.map(({ key }) => [key, 'dead']),
      ...certificate.missing.map((key) => [key, 'missing']),
    ].map(String)
    assert.deepEqual(named.sort(), rows.map((row) => String([row.key, certificateState(row)])).sort())
    assert.equal(counts.salvaged, rows.filter((r) => r.state === 'committed' && r.source === 'salvage').length)
  }
})

test('certificate and input digest are the same in any order', () => {
  const random = seeded(2)
  const rows = randomRows(random, 80)
  const digest = (order: ExpectedConfiguration[]) => {
    const account = accountOf(order)
    return inputDigest({
      identityDigest: 'abc',
      layout: 'keyed',
      tolerance: '0',
      rootAttributes: { grid_size: 18 },
      account,
      merged: digestsOf(account),
    })
  }
  for (let round = 0; round < 20; round++) {
    const order = shuffled(rows, random)
    assert.equal(encodedCertificateOf(order), encodedCertificateOf(rows))
    assert.equal(digest(order), digest(rows))
  }
})

test('the input digest changes with everything that changes the merged bytes', () => {
  const rows = randomRows(seeded(3), 40)
  const inputs = {
    identityDigest: 'abc',
    layout: 'keyed' as const,
    tolerance: '0',
    rootAttributes: { grid_size: 18 },
    account: accountOf(rows),
    merged: digestsOf(accountOf(rows)),
  }
  const [first, ...rest] = rows
  const variants = [
    inputs,
    { ...inputs, identityDigest: 'abd' },
    { ...inputs, layout: 'stacked' as const },
    { ...inputs, tolerance: '0%' },
    { ...inputs, rootAttributes: { grid_size: 18n } },
    { ...inputs, account: accountOf(rest), merged: digestsOf(accountOf(rest)) },
    { ...inputs, account: accountOf([{ ...first!, epoch: 9 }, ...rest]) },
    { ...inputs, account: accountOf([{ ...first!, cause: 'WORKER_LOST' }, ...rest]) },
    { ...inputs, merged: { contentSha256At: () => 'f'.repeat(64) } },
  ]
  assert.equal(new Set(variants.map(inputDigest)).size, variants.length)
})

test('a key that is expected twice is refused', () => {
  const [row] = randomRows(seeded(4), 1)
  assert.throws(() => accountOf([row!, { ...row!, state: 'missing' as const }]), { code: 'KEY_INVALID' })
})

test('a certificate survives its own encoding', () => {
  const text = encodedCertificateOf(randomRows(seeded(5), 40), '5%')
  assert.deepEqual(decodeCertificate(text).tolerance, { declared: '5%', allowed: 2 })
  assert.doesNotMatch(text, /attempt"|host|epoch|time"/)
})

test('a certificate that contradicts itself is refused', () => {
  const certificate = certificateOf(randomRows(seeded(6), 40))
  const changes = [
    { missing: certificate.missing.slice(1) },
    { merged: certificate.merged.slice(1) },
    { missing: [...certificate.missing.slice(1), certificate.merged[0]!.key] },
    { counts: { ...certificate.counts, expected: 41 } },
    { complete: true },
    { shortfall: null },
    { mergedSha256: '0'.repeat(64) },
  ]
  for (const change of changes) {
    assert.throws(() => decodeCertificate(JSON.stringify({ ...certificate, ...change })), JSON.stringify(change))
  }
})

test('a shortfall within the tolerance is complete, and still named', () => {
  const rows = randomRows(seeded(7), 40)
  const absent = rows.filter(({ state }) => state !== 'committed').length
  assert.equal(certificateOf(rows, absent).complete, true)
  assert.equal(certificateOf(rows, absent - 1).complete, false)
  assert.equal(certificateOf(rows, absent).shortfall?.configurations, absent)
  assert.equal(certificateOf(rows.filter(({ state }) => state === 'committed')).shortfall, null)
})

test('a tolerance is a number of configurations or a share of them, rounded down', () => {
  const allowed = (declared: string | number, expected: number) => toleranceOf(declared, expected).allowed
  assert.equal(allowed(0, 3000), 0)
  assert.equal(allowed('25', 3000), 25)
  assert.equal(allowed('1%', 3000), 30)
  assert.equal(allowed('0.29%', 10_000), 29)
  assert.equal(allowed('2.5%', 39), 0)
  assert.equal(allowed('100%', 7), 7)
  for (const wrong of ['', '-1', '1.5', '101%', '100.5%', 'some', '1 %', Number.NaN, -1, 0.5]) {
    assert.throws(() => toleranceOf(wrong, 10), { code: 'USAGE' }, String(wrong))
  }
})
