const pageBytes = 65_536

/** The part of WebAssembly's memory that is used here; Node's types know no WebAssembly. */
interface WasmMemory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

/**
 * From now on WebAssembly in this thread gets no more memory than `bytes`: a file that makes libhdf5 ask for more (a length in
 * its metadata, a cycle) gets the error that there is none. V8's limits do not cover it, and it would take up to 2 GiB.
 * For threads in which nothing but libhdf5 runs.
 */
export function limitWasmMemory(bytes: number): void {
  const { WebAssembly } = globalThis as unknown as { WebAssembly: { Memory: { prototype: WasmMemory } } }
  const { prototype } = WebAssembly.Memory
  const { grow } = prototype
  prototype.grow = function growWithin(this: WasmMemory, pages: number): number {
    const wanted = this.buffer.byteLength + pages * pageBytes
    if (wanted > bytes) throw new RangeError(`${wanted} bytes of memory are more than ${bytes}`)
    return grow.call(this, pages)
  }
}
