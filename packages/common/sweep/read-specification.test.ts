import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { isWindrowError, type WindrowError } from '../errors/windrow-error.ts'
import { planOfSpecification } from './expand.ts'
import { readSpecification } from './read-specification.ts'
import { smallSite } from './small-specification.ts'
import { specificationSchema } from './specification.ts'

let folder = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'windrow-specification-'))
  await writeFile(join(folder, 'site.json'), JSON.stringify(smallSite))
  await writeFile(
    join(folder, 'points.json'),
    JSON.stringify({ farms: [{ id: 0 }, { id: 1 }, { id: 2 }], 'a/b': { c: [7] } }),
  )
  await writeFile(join(folder, 'points.yaml'), 'farms:\n  - {id: 5}\n')
  await writeFile(join(folder, 'bad.json'), '{"farms": [1,}')
  await writeFile(join(folder, 'bad.yaml'), 'a: 1\nb: [1\n')
})
after(() => rm(folder, { recursive: true }))

const good = `name: demo
key: f{id}_s{seed}
axes:
  farm: {from: points.json#farms}
  seed: 0..3
model: {site: site.json}
`

async function write(text: string): Promise<string> {
  const path = join(folder, 'sweep.yaml')
  await writeFile(path, text)
  return path
}
const read = async (text: string, set?: string[]) => readSpecification(await write(text), set ? { set } : {})

async function refusal(text: string, set?: string[]): Promise<WindrowError> {
  try {
    await read(text, set)
  } catch (error) {
    assert.ok(isWindrowError(error), String(error))
    return error
  }
  return assert.fail('the specification was accepted')
}

/** Expects one error at `place` (line:column) whose text fits every pattern. */
async function refusedAt(place: string, text: string, ...patterns: (RegExp | string)[]) {
  const error = await refusal(text)
  assert.ok(error.message.startsWith(`${join(folder, 'sweep.yaml')}:${place}: `), error.message)
  for (const pattern of patterns) assert.match(error.message, pattern instanceof RegExp ? pattern : new RegExp(pattern))
  return error
}

test('reads a specification with defaults filled in and includes inlined', async () => {
  const specification = await read(good)
  assert.deepEqual(specification.axes, { farm: [{ id: 0 }, { id: 1 }, { id: 2 }], seed: '0..3' })
  assert.deepEqual(specification.model, { wake: 'iea37', site: smallSite, directions: 360, speeds: '3..25' })
  assert.deepEqual(specification.optimizer, {
    name: 'smart-start',
    grid_size: 18,
    random_pct: 30,
    spacing_diameters: 3,
  })
  assert.deepEqual(specification.policy, {
    attempts: 3,
    backoff: '5s..5m',
    timeout: 'none',
    memory: 'none',
    lock: '2m',
    tolerance: 0,
    priority: 0,
    bad_host: 10,
  })
  assert.deepEqual(specification.merge, { layout: 'keyed' })
})

test('what is read parses again to itself, as a manifest needs', async () => {
  const specification = await read(good)
  assert.deepEqual(specificationSchema.parse(JSON.parse(JSON.stringify(specification))), specification)
})

test('the examples read, with 24 and 3000 configurations', async () => {
  const example = async (name: string) =>
    planOfSpecification(await readSpecification(fileURLToPath(new URL(`../../../examples/${name}`, import.meta.url))))
  const quickstart = await example('quickstart.yaml')
  const whole = await example('danish-energy-island.yaml')
  assert.deepEqual([quickstart.total, whole.total], [24, 3000])
  assert.equal(whole.keyAt(2999), 'farm9_t5_s49')
  for (let index = 0; index < quickstart.total; index++) {
    const key = quickstart.keyAt(index)
    assert.equal(quickstart.digestAt(index), whole.digestAt(whole.indexOf(key)!), key)
  }
})

test('includes name members and JSON pointers, in JSON and YAML, and pick', async () => {
  const axesOf = async (axis: string) => (await read(good.replace('{from: points.json#farms}', axis))).axes.farm
  assert.deepEqual(await axesOf('{from: points.yaml#farms}'), [{ id: 5 }])
  assert.deepEqual(await axesOf('{from: points.json#farms, pick: [2, 0]}'), [{ id: 2 }, { id: 0 }])
  const pointer = await read(good.replace('f{id}', 'f{farm}').replace('points.json#farms', 'points.json#/a~1b/c'))
  assert.deepEqual(pointer.axes.farm, [7])
})

test('an unknown field is named with its line and what it may have been', async () => {
  await refusedAt(
    '7:10',
    `${good}policy: {atempts: 3}\n`,
    'policy.atempts is not known. Did you mean attempts?',
    /accepted: attempts, backoff/,
  )
  await refusedAt(
    '7:1',
    `${good}optimiser: {}\n`,
    'optimiser is not known. Did you mean optimizer?',
    /accepted: name, key, axes/,
  )
  await refusedAt(
    '4:35',
    good.replace('#farms}', '#farms, pik: [1]}'),
    'axes.farm.pik is not known. Did you mean pick?',
  )
})

test('every error is told at once, by line', async () => {
  const text = `${good.replace('0..3', '[]').replace('name: demo', 'name: a b')}policy: {attempts: 16}\n`
  const error = await refusal(text)
  assert.equal(error.code, 'SPEC_INVALID')
  const issues = error.context.issues as { line: number; path: string }[]
  assert.deepEqual(
    issues.map(({ line, path }) => [line, path]),
    [
      [1, 'name'],
      [5, 'axes.seed'],
      [7, 'policy.attempts'],
    ],
  )
  assert.match(error.message, /^3 errors in /)
})

test('values out of range are refused with what would be accepted', async () => {
  await refusedAt(
    '7:20',
    `${good}policy: {attempts: 0}\n`,
    'policy.attempts is 0 .accepted: a whole number from 1 to 15',
  )
  await refusedAt('7:19', `${good}policy: {backoff: 5m..5s}\n`, /a range of durations such as 5s\.\.5m/)
  await refusedAt('7:19', `${good}policy: {timeout: 30}\n`, /none, or a duration/)
  await refusedAt('7:18', `${good}policy: {memory: 2G}\n`, /none, or a size/)
  await refusedAt('7:16', `${good}policy: {lock: 10ms}\n`, /at least 1s/)
  await refusedAt('7:21', `${good}policy: {tolerance: 101%}\n`, /0\.5%/)
  await refusedAt('7:17', `${good}merge: {layout: stackd}\n`, 'Did you mean stacked', 'keyed or stacked')
  await refusedAt('6:34', good.replace('site.json}', 'site.json, speeds: 25..3}'), /3\.\.25/)
  await refusedAt('1:1', good.replace('name: demo\n', ''), 'name is missing')
  await refusedAt('6:1', good.replace('{site: site.json}', '{}'), 'model.site is missing')
})

test('an unknown optimizer is refused by its own code', async () => {
  const error = await refusedAt(
    '7:19',
    `${good}optimizer: {name: smartstart}\n`,
    'Did you mean smart-start?',
    'one of the optimizers: smart-start',
  )
  assert.equal(error.code, 'OPTIMIZER_UNKNOWN')
  const path = await write(`${good}optimizer: {name: mine}\n`)
  assert.equal((await readSpecification(path, { optimizers: ['mine'] })).optimizer.name, 'mine')
})

test('an axis without points is refused', async () => {
  await refusedAt('5:9', good.replace('0..3', '[]'), 'axes.seed is \\[\\] .accepted: a list with at least one point')
  await refusedAt('5:9', good.replace('0..3', '3..0'), /a range of whole numbers/)
  await refusedAt('5:9', good.replace('0..3', 'abc'), /a range of whole numbers/)
  await refusedAt(
    '5:9',
    good.replace('0..3', '7'),
    /a list of points, a range such as 0\.\.49, or \{from: FILE#MEMBER\}/,
  )
  await refusedAt('5:9', good.replace('0..3', '[1, {a: 2}]'), /a list of scalars only, or of objects only/)
  await refusedAt('5:13', good.replace('0..3', '[1, [2]]'), /a number, a text or an object with fields/)
})

test('axis names that selectors use, or cannot use, are refused', async () => {
  await refusedAt('5:3', good.replace('seed: 0', 'state: 0'), /axes\.state is not accepted as a name/)
  await refusedAt('5:3', good.replace('seed: 0', 'my-seed: 0'), /starting with a letter/)
})

test('a key pattern with an unknown or ambiguous field is refused', async () => {
  await refusedAt(
    '2:6',
    good.replace('{seed}', '{sed}'),
    'key uses .sed., which no axis has. Did you mean seed?',
    /accepted: \{id\}, \{seed\}/,
  )
  const twice = good
    .replace('{from: points.json#farms}', '[{id: 1}]')
    .replace('seed: 0..3', 'type: [{id: 1}]')
    .replace('_s{seed}', '')
  await refusedAt('2:6', twice, 'axes farm and type both have', /accepted: \{farm\.id\}, \{type\.id\}/)
  await refusedAt('5:3', good.replaceAll('seed', 'id'), /axis id has the name of a field of axis farm/)
  await refusedAt('2:6', good.replace('f{id}', 'f{id'), /no partner/)
})

test('a key pattern that does not tell configurations apart names two that collide', async () => {
  const error = await refusedAt('2:6', good.replace('_s{seed}', ''), 'f0 .seed.0.: seed=0. and f0 .seed.1.: seed=1.')
  assert.equal(error.code, 'KEY_INVALID')
  const adjacent = good
    .replace('f{id}_s{seed}', 'k{a}{b}')
    .replace(/ {2}farm.*\n {2}seed.*\n/, '  a: [1, 11]\n  b: [11, 1]\n')
  await refusedAt('2:6', adjacent, /k111 \(a\[0\]: a=1, b\[0\]: b=11\) and k111 \(a\[1\]: a=11, b\[1\]: b=1\)/)
  await refusedAt('2:6', good.replace('0..3', '[x, y, X]'), /f0_sx .*and f0_sX.*upper and lower case count as the same/)
})

test('keys that leave the store, or are reserved, are refused with the offending value', async () => {
  for (const value of ['"../up"', 'a/b', '"a b"', '"é"', '""']) {
    const error = await refusedAt(
      '5:13',
      good.replace('0..3', `[x, ${value}]`),
      `seed is ${value.startsWith('"') ? value : JSON.stringify(value)}`,
    )
    assert.equal(error.code, 'KEY_INVALID')
  }
  const reserved = good
    .replace('f{id}_s{seed}', '"{seed}"')
    .replace(/ {2}farm.*\n/, '')
    .replace('0..3', '[a, Init]')
  await refusedAt('2:6', reserved, 'the key "Init" is reserved')
  await refusedAt('2:6', good.replace('f{id}', '_f{id}'), 'the key "_f0_s0" is not made of')
  await refusedAt('2:6', good.replace('f{id}', `f${'x'.repeat(100)}{id}`), /at most 96/)
})

test('a missing field of the key is found in the point that lacks it', async () => {
  const points = '[{id: 1}, {x: 2}]'
  await refusedAt('4:19', good.replace('{from: points.json#farms}', points), /point 1 of axis farm has no id/)
})

test('includes that cannot be had are refused where they stand', async () => {
  const axis = (from: string) => good.replace('{from: points.json#farms}', from)
  await refusedAt('4:9', axis('{from: "https://example.org/f.json"}'), /is a URL, and nothing is fetched/)
  const gone = await refusedAt('4:9', axis('{from: gone.json}'), /gone\.json cannot be read/)
  assert.equal(gone.code, 'SPEC_UNREADABLE')
  await refusedAt('4:9', axis('{from: points.json#farm}'), 'points.json has no farm .*Did you mean farms?')
  await refusedAt('4:9', axis('{from: bad.json}'), /bad\.json:1:14 is not JSON: /)
  await refusedAt('4:9', axis('{from: bad.yaml}'), /bad\.yaml:\d+:\d+ is not YAML/)
  await refusedAt('4:9', axis('{from: points.json}'), /accepted: /)
  await refusedAt('4:48', axis('{from: points.json#farms, pick: [1, 0, 3]}'), /places from 0 to 2/)
  const { message } = await refusal(good.replace('site.json', 'points.json'))
  assert.match(message, /sweep\.yaml:6:15: model\.site\.reference_height_m is missing.*\(in points\.json/)
})

test('text that is not YAML, or not there, is refused with its line', async () => {
  await refusedAt('3:1', 'name: demo\naxes: [1\nkey: x\n', /this is not YAML/)
  await refusedAt('2:1', 'name: demo\nname: demo\n', /this is not YAML: Map keys must be unique/)
  await refusedAt('1:1', '- 1\n', /a specification: name, key, axes/)
  await assert.rejects(readSpecification(join(folder, 'none.yaml')), {
    code: 'SPEC_UNREADABLE',
    message: /none\.yaml cannot be read/,
  })
})

test('--set overrides axes and parts, and its own mistakes name the argument', async () => {
  const set = ['seed=5..6', 'policy.attempts=5', 'optimizer.grid_size=20', 'farm.pick=[1]', 'name=other']
  const specification = await read(good, set)
  assert.deepEqual(specification.axes, { farm: [{ id: 1 }], seed: '5..6' })
  assert.deepEqual(
    [specification.policy.attempts, specification.optimizer.grid_size, specification.name],
    [5, 20, 'other'],
  )
  const message = async (...args: string[]) => (await refusal(good, args)).message
  assert.match(await message('policy.attempts=99'), /^--set policy\.attempts=99: policy\.attempts is 99/)
  assert.match(
    await message('sed=1'),
    /^--set sed=1: there is no axis and no part sed to set. Did you mean seed\? .*--only/,
  )
  assert.match(await message('seed'), /^--set seed: "seed" sets nothing/)
  assert.match(await message('seed=[1'), /the value is not YAML/)
  assert.match(await message('seed.x=1'), /axes\.seed has no members to set/)
  assert.match(await message('sed=1', 'policy.attempts=99'), /^2 errors/)
})
