import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { closeSync, openSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { promisify } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { withShortTransfers } from '../../../test/fixtures/file-faults.ts'
import { pythonSkipReason, runPython } from '../../../test/fixtures/python.ts'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import { Hdf5Error } from './hdf5-error.ts'
import { openReader } from './reader.ts'
import { type Hdf5Writer, openWriter } from './writer.ts'

const skip = await pythonSkipReason('h5py')
const rows = 4096

function writeGroups(writer: Hdf5Writer, count: number): Uint8Array {
  for (let group = 0; group < count; group++) {
    writer.createGroup(`/g${group}`)
    const data = new Float64Array(rows).fill(group)
    writer.writeDataset(`/g${group}/d`, { elementType: '<f8', shape: [rows], data, chunks: [rows], fletcher32: true })
    writer.writeAttribute(`/g${group}`, 'n', BigInt(group))
  }
  return writer.close()
}

test('a descriptor receives the bytes that the memory would, and h5py reads them', { skip }, async () => {
  const path = join(await temporaryFolder(), 'groups.h5')
  const fd = openSync(path, 'w+')
  writeGroups(await openWriter({ kind: 'descriptor', fd }), 200)
  closeSync(fd)
  assert.ok(readFileSync(path).equals(writeGroups(await openWriter({ kind: 'memory' }), 200)))
  const code = `import sys, h5py\nf = h5py.File(sys.argv[1])\nprint(sum(f[k]['d'][-1] == f[k].attrs['n'] for k in f))`
  assert.equal((await runPython(code, { args: [path] })).trim(), '200')
})

test('a descriptor is read at flat memory', async () => {
  const path = join(await temporaryFolder(), 'groups.h5')
  const fd = openSync(path, 'w+')
  writeGroups(await openWriter({ kind: 'descriptor', fd }), 1000)
  const before = process.memoryUsage().arrayBuffers
  const reader = await openReader({ kind: 'descriptor', fd, size: statSync(path).size })
  let sum = 0
  for (const { name } of reader.members('/')) sum += Number(reader.read(`/${name}/d`).data[0])
  reader.close()
  closeSync(fd)
  assert.equal(sum, (1000 * 999) / 2)
  // What nobody holds any more may wait long to be collected on a busy machine.
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  assert.ok(process.memoryUsage().arrayBuffers - before < statSync(path).size / 2)
})

test('a system that reads and writes a few bytes at a time changes nothing', async () => {
  const path = join(await temporaryFolder(), 'groups.h5')
  const fd = openSync(path, 'w+')
  await withShortTransfers(1000, async () => {
    writeGroups(await openWriter({ kind: 'descriptor', fd }), 3)
    const reader = await openReader({ kind: 'descriptor', fd, size: statSync(path).size })
    assert.deepEqual(reader.read('/g2/d').data, new Float64Array(rows).fill(2))
    reader.close()
  })
  closeSync(fd)
  assert.ok(readFileSync(path).equals(writeGroups(await openWriter({ kind: 'memory' }), 3)))
})

test('an earlier, longer file under the descriptor leaves nothing behind', async () => {
  const path = join(await temporaryFolder(), 'groups.h5')
  const fd = openSync(path, 'w+')
  writeGroups(await openWriter({ kind: 'descriptor', fd }), 20)
  writeGroups(await openWriter({ kind: 'descriptor', fd }), 2)
  closeSync(fd)
  assert.ok(readFileSync(path).equals(writeGroups(await openWriter({ kind: 'memory' }), 2)))
})

test('a write that the operating system refuses is an error with its cause', async () => {
  const path = join(await temporaryFolder(), 'groups.h5')
  closeSync(openSync(path, 'w'))
  const fd = openSync(path, 'r')
  await assert.rejects(async () => writeGroups(await openWriter({ kind: 'descriptor', fd }), 1), Hdf5Error)
  closeSync(fd)
  const reader = await openReader({ kind: 'memory', bytes: writeGroups(await openWriter({ kind: 'memory' }), 1) })
  assert.equal(reader.members('/').length, 1)
  reader.close()
})

const writeUntilFull = `
import { openSync } from 'node:fs'
const [writerUrl, path] = process.argv.slice(1)
const { openWriter } = await import(writerUrl)
const writer = await openWriter({ kind: 'descriptor', fd: openSync(path, 'w+') })
const steps = { written: 0 }
try {
  for (; steps.written < 100; steps.written++) {
    const data = new Float64Array(4096)
    writer.writeDataset('/d' + steps.written, { elementType: '<f8', shape: [4096], data, chunks: [4096], fletcher32: true })
  }
  writer.close()
  console.log('closed')
} catch (error) {
  writer.discard()
  console.log(error.name, error.cause?.code)
}
`

test('a disk that fills up while a file is written is an error, not silence', async () => {
  const path = join(await temporaryFolder(), 'full.h5')
  const writerUrl = new URL('./writer.ts', import.meta.url).href
  // A limit on the size of files stands in for the full disk: the operating system refuses in the middle of writing.
  const command = 'ulimit -f 1024; exec "$0" --input-type=module -e "$1" "$2" "$3"'
  const args = ['-c', command, process.execPath, writeUntilFull, writerUrl, path]
  const { stdout } = await promisify(execFile)('bash', args)
  assert.equal(stdout.trim(), 'Hdf5Error EFBIG')
})
