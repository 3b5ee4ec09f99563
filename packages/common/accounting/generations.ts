import { type Generation, generationSchema } from '../records/generation.ts'
import { decodeRecord } from '../records/record-codec.ts'
import { names } from '../store/names.ts'
import type { Store } from '../store/store.ts'

/** Every generation of a sweep, oldest first. The newest is the highest number: there is no pointer to move. */
export async function readGenerations(store: Store, sweep: string): Promise<Generation[]> {
  const found: string[] = []
  for await (const { name } of store.list(names.generations(sweep))) found.push(name)
  const generations: Generation[] = []
  for (const name of found.sort()) {
    generations.push(decodeRecord(generationSchema, name, (await store.read(name)) ?? new Uint8Array()))
  }
  return generations
}

/** The generation that counts: the newest complete one, else the newest. */
export function currentGeneration(generations: readonly Generation[]): Generation | undefined {
  return generations.findLast(({ complete }) => complete) ?? generations.at(-1)
}
