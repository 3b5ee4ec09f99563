import { execFile } from 'node:child_process'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'

export const manifests = fileURLToPath(new URL('../../deploy/kubernetes/', import.meta.url))

/** A resource as it would reach a cluster. */
export type Resource = z.infer<typeof resourceSchema>

const resourceSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
})

const execute = promisify(execFile)

/** What `kubectl kustomize` makes of an overlay, with every secret of the example filled in. */
export async function render(overlay: string): Promise<Resource[]> {
  const folder = await temporaryFolder()
  await cp(manifests, folder, { recursive: true })
  const example = await readFile(join(folder, 'base/secrets.env.example'), 'utf8')
  await writeFile(join(folder, 'base/secrets.env'), example.replace(/=$/gm, '=filledIn'))
  if (await isOldKubectl()) await writeInOldSyntax(folder, overlay)
  const { stdout } = await execute('kubectl', ['kustomize', join(folder, overlay)])
  return parseAllDocuments(stdout).map((document) => resourceSchema.parse(document.toJS()))
}

const versionSchema = z.object({ clientVersion: z.object({ minor: z.string() }) })

/** Debian 12 has kubectl 1.20, whose kustomize (2.0) is the last that knows neither `envs` nor folders among `resources`. */
async function isOldKubectl(): Promise<boolean> {
  const { stdout } = await execute('kubectl', ['version', '--client', '-o', 'json'])
  return Number.parseInt(versionSchema.parse(JSON.parse(stdout)).clientVersion.minor, 10) < 21
}

async function writeInOldSyntax(folder: string, overlay: string): Promise<void> {
  const rewrite = async (path: string, change: (text: string) => string) =>
    await writeFile(join(folder, path), change(await readFile(join(folder, path), 'utf8')))
  await rewrite('base/kustomization.yaml', (text) => text.replace(/envs: \[(.*)\]/g, 'env: $1'))
  await rewrite(join(overlay, 'kustomization.yaml'), (text) =>
    text.replace('  - ../../base\n', '').replace('resources:', 'bases: [../../base]\nresources:'),
  )
}
