import { createServer } from 'node:net'

/** A port that is free on an address right now. Rejects when nothing can listen there at all. */
export function freePort(address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, address, () => {
      const found = server.address()
      server.close(() =>
        typeof found === 'object' && found ? resolve(found.port) : reject(new Error('no port is free')),
      )
    })
  })
}
