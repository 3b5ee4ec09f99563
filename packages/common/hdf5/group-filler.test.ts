import assert from 'node:assert/strict'
import { closeSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { withShortTransfers } from '../../../test/fixtures/file-faults.ts'
import { seeded } from '../../../test/fixtures/merge-inputs.ts'
import { programSkipReason, pythonSkipReason, runProgram, runPython } from '../../../test/fixtures/python.ts'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import { FilledGroupReader } from './decoding/filled-group-reader.ts'
import { GroupFiller } from './group-filler.ts'
import { openReader } from './reader.ts'
import { defaultGroupLimits, readStoredGroup } from './stored-group-reading.ts'
import type { IntegerType, StoredDataset, StoredGroup, StoredType, StoredValue } from './stored-object.ts'
import { Damage, NotOurs } from './strict-reader/outcome.ts'
import { openWriter } from './writer.ts'

const int8: IntegerType = { kind: 'integer', bytes: 1, signed: true, littleEndian: true }
const types = {
  f8: { kind: 'float', bytes: 8, littleEndian: true },
  f8be: { kind: 'float', bytes: 8, littleEndian: false },
  f4: { kind: 'float', bytes: 4, littleEndian: true },
  i8: { kind: 'integer', bytes: 8, signed: true, littleEndian: true },
  u2be: { kind: 'integer', bytes: 2, signed: false, littleEndian: false },
  text: { kind: 'variable-text', padding: 'null-terminated', utf8: true },
  s5: { kind: 'text', bytes: 5, padding: 'null-padded', utf8: false },
  bool: { kind: 'enum', base: int8, members: [['FALSE', 0], ['TRUE', 1]] }, // biome-ignore format: one type a line
  table: {
    kind: 'compound',
    bytes: 300,
    members: [
      { name: 'a', offset: 0, type: { kind: 'float', bytes: 8, littleEndian: true } },
      { name: 'b', offset: 280, type: { kind: 'enum', base: int8, members: [['FALSE', 0], ['TRUE', 1]] } }, // biome-ignore format: as above
    ],
  },
} as const satisfies Record<string, StoredType>

const value = (type: StoredType, shape: number[] | null, data: ArrayBufferView): StoredValue => ({
  ...{ type, shape },
  data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice(),
})
const dataset = (...facts: Parameters<typeof value>): StoredDataset => ({ ...value(...facts), attributes: new Map() })
const nothing = new Uint8Array(0)

function texts(...elements: string[]): Uint8Array {
  const parts = elements.flatMap((element) => {
    const length = Buffer.alloc(4)
    length.writeUInt32LE(Buffer.byteLength(element))
    return [length, Buffer.from(element)]
  })
  return new Uint8Array(Buffer.concat(parts))
}

/** A group of everything that can be carried, with `more` attributes. */
function groupOf(more: number): StoredGroup {
  const layout = dataset(types.f8, [2, 3], Float64Array.of(1, 2, 3, 4, 5, 6))
  const attributes: [string, StoredValue][] = [
    ['status', value(types.text, [], texts('success'))],
    ['ok', value(types.bool, [], Uint8Array.of(1))],
    ['empty', value(types.f8, null, nothing)],
    ['tags', value(types.text, [3], texts('ä', '', 'c'))],
  ]
  for (let i = 0; i < more; i++) attributes.push([`a${i}`, value(types.f8, [2], Float64Array.of(i, more))])
  const inner: StoredGroup = {
    attributes: new Map([['deep', value(types.i8, [], BigInt64Array.of(-3n))]]),
    datasets: new Map([['x', dataset(types.i8, [1], BigInt64Array.of(9n))]]),
    groups: new Map([['below', { attributes: new Map(), datasets: new Map(), groups: new Map() }]]),
  }
  return {
    attributes: new Map(attributes),
    datasets: new Map<string, StoredDataset>([
      ['layout', { ...layout, attributes: new Map([['units', value(types.text, [], texts('m'))]]) }],
      ['aep', dataset(types.f8, [], Float64Array.of(7))],
      ['be', dataset(types.f8be, [2], Uint8Array.of(0x40, 0, 0, 0, 0, 0, 0, 0, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0))],
      ['u2', dataset(types.u2be, [2], Uint8Array.of(1, 0, 0, 1))],
      [
        'chunk',
        dataset(
          types.f4,
          [10_007],
          Float32Array.from({ length: 10_007 }, (_, i) => i),
        ),
      ],
      [
        'chunks',
        dataset(
          types.f8,
          [70_000, 2],
          Float64Array.from({ length: 140_000 }, (_, i) => i),
        ),
      ],
      ['none', dataset(types.f8, [0, 2], nothing)],
      ['null', dataset(types.f8, null, nothing)],
      ['texts', dataset(types.text, [2], texts('hello', 'x'.repeat(5000)))],
      ['fixed', dataset(types.s5, [2], Buffer.from('ab\0\0\0hello'))],
      ['bools', dataset(types.bool, [3], Uint8Array.of(1, 0, 1))],
      ['table', dataset(types.table, [2], new Uint8Array(600).fill(1))],
      ['ünï', dataset(types.i8, [1], BigInt64Array.of(3n))],
    ]),
    groups: new Map([['sub', inner]]),
  }
}

const moreAttributes = [0, 4, 5, 30]

async function fill(path: string, groups: readonly StoredGroup[]): Promise<void> {
  const fd = openSync(path, 'w+')
  const writer = await openWriter({ kind: 'descriptor', fd })
  const names = groups.map((_, i) => `/g${moreAttributes[i]}`)
  for (const name of names) writer.createGroup(name)
  const addresses = names.map((name) => writer.addressOf(name))
  writer.close()
  const filler = new GroupFiller(fd)
  for (const [i, group] of groups.entries()) filler.fill(addresses[i]!, group)
  filler.finish()
  const again = await openWriter({ kind: 'descriptor', fd }, { existing: true })
  again.createGroup('/later')
  again.close()
  closeSync(fd)
}

async function filled(groups = moreAttributes.map(groupOf)): Promise<string> {
  const path = join(await temporaryFolder(), 'filled.h5')
  await fill(path, groups)
  return path
}

test('a system that writes a few bytes at a time changes nothing of what is filled in', async () => {
  const [whole, short] = [await filled(), await withShortTransfers(1000, () => filled())]
  assert.ok(readFileSync(short).equals(readFileSync(whole)))
})

test('what was filled in is read back without libhdf5, and anything else is left to it', async () => {
  const path = await filled()
  const fd = openSync(path, 'r')
  const { size } = statSync(path)
  const reader = await openReader({ kind: 'descriptor', fd, size })
  const strict = new FilledGroupReader({ fd, size }, defaultGroupLimits)
  for (const more of moreAttributes) {
    assert.deepEqual(strict.read(reader.addressOf(`/g${more}`)), groupOf(more))
  }
  assert.throws(() => strict.read(reader.addressOf('/later')), { name: 'NotOurs' })
  assert.throws(() => strict.read(size + 1), { name: 'Damage' })
  assert.throws(
    () => new FilledGroupReader({ fd, size }, { ...defaultGroupLimits, deepest: 1 }).read(reader.addressOf('/g0')),
    { name: 'NotOurs' },
  )
  reader.close()
  closeSync(fd)
})

test('a flipped bit in a filled group is found wherever HDF5 has a checksum', async () => {
  const { datasets, ...group } = groupOf(10)
  const small = { ...group, datasets: new Map([...datasets].filter(([name]) => name !== 'chunks')) }
  const path = await filled([small])
  const bytes = readFileSync(path)
  const reader = await openReader({ kind: 'memory', bytes: Uint8Array.from(bytes) })
  const address = reader.addressOf('/g0')
  reader.close()
  const random = seeded(3)
  let found = 0
  for (let mutant = 0; mutant < 300; mutant++) {
    const changed = Buffer.from(bytes)
    changed[Math.floor(random() * bytes.length)]! ^= 1 << Math.floor(random() * 8)
    writeFileSync(path, changed)
    const read = readOrFault(path, address)
    if (read instanceof Error) found++
    else assert.deepEqual(withoutTexts(read), withoutTexts(small))
  }
  assert.ok(found > 150, `${found} of 300`)
})

function readOrFault(path: string, address: number): StoredGroup | Error {
  const fd = openSync(path, 'r')
  try {
    return new FilledGroupReader({ fd, size: statSync(path).size }, defaultGroupLimits).read(address)
  } catch (error) {
    if (error instanceof Damage || error instanceof NotOurs) return error
    throw error
  } finally {
    closeSync(fd)
  }
}

/** Text of variable length lies where HDF5 has no checksum. */
function withoutTexts({ attributes, datasets, groups }: StoredGroup): unknown {
  const fixed = <Value extends StoredValue>(values: ReadonlyMap<string, Value>) =>
    new Map([...values].filter(([, { type }]) => type.kind !== 'variable-text'))
  const plain = ([name, { attributes: below, ...value }]: [string, StoredDataset]) =>
    [name, value, fixed(below)] as const
  return { groups, attributes: fixed(attributes), datasets: new Set([...fixed(datasets)].map(plain)) }
}

test('libhdf5 reads back every type, shape and depth as it was filled in', async () => {
  const reader = await openReader({ kind: 'memory', bytes: readFileSync(await filled()) })
  for (const more of moreAttributes) {
    const { group, notCarried } = readStoredGroup(reader, `/g${more}`)
    assert.deepEqual(notCarried, [])
    assert.deepEqual(group, groupOf(more))
  }
  assert.ok(reader.members('/').some(({ name }) => name === 'later'))
  reader.close()
})

test('the same groups are filled to the same bytes', async () => {
  const [one, other] = [await filled(), await filled()]
  assert.ok(readFileSync(one).equals(readFileSync(other)))
})

test('h5py reads what was filled in, and changes it in place', { skip: await pythonSkipReason('h5py') }, async () => {
  const script = `
import h5py, numpy as np, sys
path = sys.argv[1]
with h5py.File(path, 'a') as f:
    for more in [0, 4, 5, 30]:
        g = f['g%d' % more]
        assert g.attrs['status'] == 'success' and g.attrs['ok'] == True and list(g.attrs['tags']) == ['ä', '', 'c'], dict(g.attrs)
        assert len(g.attrs) == more + 4 and g['layout'].attrs['units'] == 'm' and list(g['be'][:]) == [2, 1] and list(g['u2'][:]) == [256, 1]
        assert np.array_equal(g['chunks'][:].ravel(), np.arange(140000.)) and np.array_equal(g['chunk'][:], np.arange(10007))
        assert g['chunks'].fletcher32 and g['chunk'].fletcher32 and g['texts'][1] == b'x' * 5000 and g['bools'].dtype == bool
        assert g['none'].shape == (0, 2) and g['null'].shape is None and g['table']['b'].all() and g['sub/x'][0] == 9
        g.attrs['status'] = 'changed'; g.attrs['new'] = 'x'; g['aep'][()] = 3.0; g['layout'][0, 1] = 77.0
        g['more'] = np.arange(5); g['chunks'][5] = 1; del g['be']; del g.attrs['ok']
with h5py.File(path) as f:
    for more in [0, 4, 5, 30]:
        g = f['g%d' % more]
        assert g.attrs['status'] == 'changed' and g.attrs['new'] == 'x' and g['aep'][()] == 3 and g['layout'][0, 1] == 77
        assert 'be' not in g and 'ok' not in g.attrs and list(g['more'][:]) == [0, 1, 2, 3, 4] and g['chunks'][5, 0] == 1
print('fine')`
  assert.equal((await runPython(script, { args: [await filled()] })).trim(), 'fine')
})

test('h5dump dumps what was filled in without an error', { skip: programSkipReason('h5dump') }, async () => {
  const dump = await runProgram('h5dump', ['-H', await filled()])
  assert.match(dump, /DATASET "chunks"/)
})

test('refuses to fill what is no empty group', async () => {
  const path = join(await temporaryFolder(), 'file.h5')
  const fd = openSync(path, 'w+')
  const writer = await openWriter({ kind: 'descriptor', fd })
  writer.writeDataset('/d', { elementType: '<f8', shape: [], data: Float64Array.of(1) })
  const address = writer.addressOf('/d')
  writer.close()
  const filler = new GroupFiller(fd)
  assert.throws(() => filler.fill(address, groupOf(0)), /no empty group/)
  assert.throws(() => filler.fill(statSync(path).size + 10_000_000, groupOf(0)), /ends before/)
  closeSync(fd)
})
