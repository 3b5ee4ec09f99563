import { copyFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cephConfiguration } from '../fixtures/radosgw.ts'
import { runToEnd } from '../fixtures/run-to-end.ts'
import { baseImage, projectRoot, readComposeFile, withDefaults } from './compose-file.ts'
import { type DockerEngine, succeeded } from './docker-engine.ts'

export interface LocalImagesOptions {
  readonly engine: DockerEngine
  /** For what is unpacked on the way; large. */
  readonly folder: string
  /** npm's own program, and certificates that it needs to reach its registry from here, if any. */
  readonly npm: string
  readonly certificates: string | undefined
  readonly say: (line: string) => void
}

/**
 * Makes images of the names that Dockerfile and docker-compose.yml ask for, from Debian's packages and this project's
 * Node, so that nothing is fetched from a registry: Node's and Redis' as they are in the originals as far as it matters
 * here, and Ceph's gateway in the place of MinIO.
 */
export async function makeLocalImages(options: LocalImagesOptions): Promise<void> {
  await Promise.all([
    importDebian(options, { tag: 'local/debian', packages: ['ca-certificates'] }),
    importDebian(options, { tag: 'local/servers', packages: serverPackages }),
  ])
  const { redis, s3 } = readComposeFile().services
  await makeNodeImage(options)
  await build(options, redis!.image, redisDockerfile)
  await makeS3Image(options, withDefaults(s3!.image))
}

const serverPackages = ['redis-server', 'curl', 'ceph-mon', 'ceph-osd', 'ceph-common', 'radosgw']

async function importDebian(
  { engine, folder, say }: LocalImagesOptions,
  { tag, packages }: { tag: string; packages: readonly string[] },
): Promise<void> {
  say(`making ${tag} from Debian's packages (${packages.join(', ')})`)
  const file = join(folder, `${tag.replace('/', '-')}.tar`)
  const args = ['--quiet', '--variant=minbase', `--include=${packages.join(',')}`, 'bookworm', file]
  succeeded(await runToEnd('mmdebstrap', args, { environment: { ...engine.environment, TMPDIR: folder } }))
  await engine.docker(['import', file, tag])
}

async function build(
  { engine, folder, say }: LocalImagesOptions,
  tag: string,
  dockerfile: string,
  fill: (context: string) => void = () => undefined,
): Promise<void> {
  say(`making ${tag}`)
  const context = join(folder, 'contexts', tag.replaceAll(/[^a-z0-9]+/gi, '-'))
  mkdirSync(context, { recursive: true })
  fill(context)
  writeFileSync(join(context, 'Dockerfile'), dockerfile)
  await engine.docker(['build', '--network', 'host', '--tag', tag, context])
}

/** With npm, and the user that Node's own images have. */
async function makeNodeImage(options: LocalImagesOptions): Promise<void> {
  const { certificates, npm } = options
  if (!baseImage().startsWith(`node:${process.versions.node}-`))
    throw new Error(`the image is built on ${baseImage()}, and this is Node ${process.versions.node}`)
  const dockerfile = `FROM local/debian
RUN groupadd --gid 1000 node && useradd --uid 1000 --gid node --create-home node
COPY npm /usr/local/lib/node_modules/npm
COPY node /usr/local/bin/node
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
${certificates ? 'COPY certificates.crt /usr/local/share/certificates.crt\nENV NODE_EXTRA_CA_CERTS=/usr/local/share/certificates.crt' : ''}
`
  await build(options, baseImage(), dockerfile, (context) => {
    cpSync(dirname(dirname(npm)), join(context, 'npm'), { recursive: true })
    copyFileSync(process.execPath, join(context, 'node'))
    if (certificates) copyFileSync(certificates, join(context, 'certificates.crt'))
  })
}

/** Runs what it is given as the user of its data folder, as the original does when it is not root. */
const redisDockerfile = `FROM local/servers
RUN install -d -o redis -g redis /data
WORKDIR /data
VOLUME /data
CMD ["redis-server"]
`

async function makeS3Image(options: LocalImagesOptions, tag: string): Promise<void> {
  const dockerfile = `FROM local/servers
COPY ceph.conf radosgw.sh start.sh /opt/stand-in/
VOLUME /data
EXPOSE 9000
ENTRYPOINT ["/bin/sh", "/opt/stand-in/start.sh"]
`
  await build(options, tag, dockerfile, (context) => {
    const { folder, fsid, monitor } = standIn
    const configuration = cephConfiguration({ folder, fsid, monitor, gateway: '0.0.0.0:9000' })
    writeFileSync(join(context, 'ceph.conf'), configuration)
    copyFileSync(join(projectRoot, 'test/fixtures/radosgw.sh'), join(context, 'radosgw.sh'))
    copyFileSync(fileURLToPath(new URL('./minio-stand-in.sh', import.meta.url)), join(context, 'start.sh'))
  })
}

/** What minio-stand-in.sh hands to radosgw.sh. */
const standIn = { folder: '/data/ceph', fsid: '6b2ea7c5-0f5e-4c3e-9d0a-5d1f2a7c9e10', monitor: 3300 }
