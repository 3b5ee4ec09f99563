import { registerHooks } from 'node:module'

/*
 * Loaded into a worker's child processes (NODE_OPTIONS): what they import as the optimizers is the instant one beside
 * this file. Everything else of the child is the product's own.
 */
const replaced = '/packages/common/optimizing/optimize.ts'
const importer = '/apps/worker/child/optimizer-thread.ts'
const instant = new URL('./instant-optimize.ts', import.meta.url)
instant.search = new URL(import.meta.url).search

registerHooks({
  resolve(specifier, context, nextResolve) {
    const resolved = nextResolve(specifier, context)
    const isTheirs = resolved.url.endsWith(replaced) && context.parentURL?.endsWith(importer)
    return isTheirs ? { ...resolved, url: instant.href } : resolved
  },
})
