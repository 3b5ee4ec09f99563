import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { exampleContents } from '../../../../test/fixtures/example-result.ts'
import { pythonSkipReason, runPython } from '../../../../test/fixtures/python.ts'
import { resultShapes } from '../../../../test/fixtures/result-shapes.ts'
import { temporaryFolder } from '../../../../test/fixtures/temporary-folder.ts'
import { encodeResult } from '../../results/encode-result.ts'
import { openReader } from '../reader.ts'
import { openWriter } from '../writer.ts'
import { readStrictly } from './read-strictly.ts'
import type { ResultReader } from './strict-file.ts'

const skip = await pythonSkipReason('h5py')
const example = await encodeResult(exampleContents)

/** Everything a reader tells of a result, in its order. */
function everything(reader: ResultReader) {
  return ['/', ...reader.members('/').map(({ name }) => `/${name}`)].map((group) => ({
    members: reader.members(group),
    names: reader.attributeNames(group),
    attributes: [...reader.attributes(group)],
    datasets: reader
      .members(group)
      .filter(({ kind }) => kind === 'dataset')
      .map(({ name }) => [reader.datasetInfo(`${group}/${name}`), reader.read(`${group}/${name}`)]),
  }))
}

async function byLibhdf5(bytes: Uint8Array) {
  const reader = await openReader({ kind: 'memory', bytes })
  try {
    return everything(reader)
  } finally {
    reader.close()
  }
}

test('tells of results of every shape what libhdf5 tells, to the bit and in its order', async () => {
  for (const [name, contents] of resultShapes()) {
    const bytes = await encodeResult(contents)
    const before = bytes.slice()
    const reading = readStrictly(bytes)
    // The links of a group with many long names outgrow the one block of a heap that is read strictly.
    if (name === '16 datasets of long names') {
      assert.equal(reading.kind, 'not-ours', name)
      continue
    }
    assert.ok(reading.kind === 'ours', `${name}: ${JSON.stringify(reading)}`)
    assert.deepEqual(everything(reading.file), await byLibhdf5(bytes), name)
    assert.deepEqual(bytes, before, name)
  }
})

test('gives nothing but the one value that has no checksum of HDF5 when a single bit anywhere is flipped', async () => {
  const bytes = example.slice()
  const untouched = everything(fileOf(bytes))
  const kinds = { damaged: 0, 'not-ours': 0 }
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const [at, mask] = [bit >> 3, 1 << (bit & 7)]
    bytes[at]! ^= mask
    const reading = readStrictly(bytes)
    if (reading.kind === 'ours') {
      const [root, group] = everything(reading.file)
      const others = (group?.datasets ?? []).filter(([info]) => JSON.stringify(info?.shape) !== '[]')
      assert.deepEqual(root, untouched[0])
      assert.equal(others.length, 2)
      assert.deepEqual({ ...group, datasets: others }, { ...untouched[1], datasets: others }, `bit ${bit}`)
    } else kinds[reading.kind]++
    bytes[at]! ^= mask
  }
  // 64 bits of the scalar aep remain, which the digest over the contents covers.
  assert.equal(kinds.damaged + kinds['not-ours'], 8 * bytes.length - 64)
  assert.ok(kinds.damaged > 12_000, JSON.stringify(kinds))
})

test('names the check that failed', async () => {
  const many = await encodeResult(contentsNamed('16 datasets'))
  const large = await encodeResult(contentsNamed('chunks of a megabyte'))
  const checkOf = (bytes: Uint8Array, at: number) => {
    const damaged = bytes.slice()
    damaged[at]! ^= 0x10
    const reading = readStrictly(damaged)
    return reading.kind === 'damaged' ? reading.check : reading.kind
  }
  const place = (bytes: Uint8Array, text: string) => Buffer.from(bytes).indexOf(text)
  assert.equal(checkOf(example, 37), 'superblock checksum')
  assert.equal(checkOf(example, place(example, 'status')), 'object header checksum')
  assert.equal(checkOf(example, place(example, 'OCHK')), 'signature')
  assert.equal(checkOf(example, place(example, 'OHDR') + 23), 'bounds')
  const coordinate = Buffer.from(Float64Array.of(2000).buffer).toString('latin1')
  assert.equal(checkOf(example, Buffer.from(example).indexOf(coordinate, 0, 'latin1')), 'chunk checksum')
  for (const signature of ['FRHP', 'FHDB', 'BTHD', 'BTLF']) {
    assert.equal(checkOf(many, place(many, signature) + 12), 'link index checksum', signature)
  }
  // No reader needs to know where a writer would find room.
  for (const signature of ['FSHD', 'FSSE'])
    assert.equal(checkOf(many, place(many, signature) + 12), 'not-ours', signature)
  for (const signature of ['FAHD', 'FADB']) {
    assert.equal(checkOf(large, place(large, signature) + 12), 'chunk index checksum', signature)
  }
})

test('leaves to libhdf5 what is cut, longer than it says, or uses its free space', () => {
  const kindOf = (bytes: Uint8Array) => readStrictly(bytes).kind
  for (const length of [0, 8, 47, 48, 100, example.length - 1]) {
    assert.notEqual(kindOf(example.subarray(0, length)), 'ours', `${length} bytes`)
  }
  assert.equal(kindOf(Uint8Array.from([...example, 0])), 'not-ours')
  const free = example.slice()
  free[Buffer.from(free).indexOf(new Uint8Array(40), 0x7cc)] = 1
  assert.equal(kindOf(free), 'not-ours')
})

test('does not take what this project writes in another way', async () => {
  const writer = await openWriter({ kind: 'memory' })
  writer.createGroup('/a')
  writer.createGroup('/b')
  writer.writeText('/a/text', 'text')
  assert.equal(readStrictly(writer.close()).kind, 'not-ours')
})

test('takes no file of h5py for one of ours', { skip }, async () => {
  const folder = await temporaryFolder()
  const script = fileURLToPath(new URL('../../../../test/fixtures/h5py_results.py', import.meta.url))
  await runPython('import runpy, sys\nsys.argv = sys.argv[1:]\nrunpy.run_path(sys.argv[0])', { args: [script, folder] })
  const names = readdirSync(folder).filter((name) => name.endsWith('.h5'))
  assert.ok(names.length > 40)
  for (const name of names) assert.equal(readStrictly(readFileSync(join(folder, name))).kind, 'not-ours', name)
})

function fileOf(bytes: Uint8Array): ResultReader {
  const reading = readStrictly(bytes)
  return reading.kind === 'ours' ? reading.file : assert.fail(JSON.stringify(reading))
}

function contentsNamed(wanted: string) {
  for (const [name, contents] of resultShapes()) if (name === wanted) return contents
  return assert.fail(wanted)
}
