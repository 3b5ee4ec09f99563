import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { z } from 'zod'

/** The folder of the project, where docker-compose.yml is. */
export const projectRoot = fileURLToPath(new URL('../../', import.meta.url))

export const readProjectFile = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')

const service = z.looseObject({
  image: z.string(),
  environment: z.record(z.string(), z.string()).optional(),
  ports: z.array(z.string()).optional(),
  command: z.union([z.string(), z.array(z.string())]).optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).optional(),
  healthcheck: z.looseObject({ test: z.array(z.string()) }).optional(),
})

const composeFile = z.looseObject({ services: z.record(z.string(), service) })

/** docker-compose.yml, anchors put in, variables as they stand. */
export function readComposeFile(): z.infer<typeof composeFile> {
  return composeFile.parse(parse(readProjectFile('docker-compose.yml'), { merge: true }))
}

/** `text` with every variable replaced by its default: `${NAME:-default}`. */
export const withDefaults = (text: string) => text.replace(/\$\{\w+:-([^}]*)\}/g, '$1')

/** The image that ours is built on. */
export function baseImage(): string {
  const image = /^ARG NODE_IMAGE=(\S+)$/m.exec(readProjectFile('Dockerfile'))?.[1]
  if (image === undefined) throw new Error('the Dockerfile names no NODE_IMAGE')
  return image
}
