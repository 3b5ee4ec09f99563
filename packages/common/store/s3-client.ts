import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { WindrowError } from '../errors/windrow-error.ts'
import { type Clock, systemClock } from '../time/clock.ts'
import { type Randomness, systemRandomness } from '../time/randomness.ts'
import type { S3Address } from './s3-address.ts'

/** How a store on S3 is talked to; nothing in here differs between the machines of a sweep for good. */
export interface S3Settings {
  readonly clock: Clock
  readonly randomness: Randomness
  /** How long a call is repeated whose failure may pass, before it is passed on. */
  readonly patienceMs: number
  /** How long a connection may be silent in the middle of a request. */
  readonly silenceMs: number
  /** undefined: the SDK's own chain (environment, profile, container or instance role). */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly namesPerPage: number
  /** What is added to this machine's time when requests are signed. */
  readonly clockOffsetMs: number
}

/** The settings that everything but tests runs with. */
export const usualS3Settings: S3Settings = {
  clock: systemClock,
  randomness: systemRandomness,
  patienceMs: 8_000,
  silenceMs: 20_000,
  namesPerPage: 1000,
  clockOffsetMs: 0,
}

/**
 * A client of the SDK for the server of `address`. What the address leaves open (endpoint, region) and all credentials
 * come from the SDK's default chain: AWS_* variables, the profile, the role. Throws USAGE when no region is to be had.
 */
export async function connectS3(address: S3Address, settings: S3Settings): Promise<S3Client> {
  const client = new S3Client(configurationOf(address, settings))
  if (await hasRegion(client)) return client
  client.destroy()
  if (address.endpoint === undefined) {
    throw new WindrowError('USAGE', {
      message: `No region is known for ${address.url}.`,
      next: 'Add ?region=... to the address, or set AWS_REGION.',
    })
  }
  // A server of one's own mostly takes any region; those that check it call theirs so unless told otherwise.
  return new S3Client({ ...configurationOf(address, settings), region: 'us-east-1' })
}

function configurationOf(address: S3Address, settings: S3Settings): S3ClientConfig {
  return {
    ...(address.endpoint !== undefined && { endpoint: address.endpoint }),
    ...(address.region !== undefined && { region: address.region }),
    ...(settings.credentials !== undefined && { credentials: settings.credentials }),
    forcePathStyle: address.pathStyle,
    requestChecksumCalculation: address.checksums,
    responseChecksumValidation: address.checksums,
    systemClockOffset: settings.clockOffsetMs,
    // The store repeats requests itself: it must know what each of them answered.
    maxAttempts: 1,
    // It would write its warnings to the console, between the lines of commands. Failures are thrown as well.
    logger: silent,
    requestHandler: { connectionTimeout: 5_000, socketTimeout: settings.silenceMs },
  }
}

const ignore = () => undefined
const silent = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore }

function hasRegion(client: S3Client): Promise<boolean> {
  return client.config.region().then(
    () => true,
    () => false,
  )
}
