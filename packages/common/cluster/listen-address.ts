import { isIP } from 'node:net'
import type { NetworkInterfaceInfo } from 'node:os'
import { WindrowError } from '../errors/windrow-error.ts'

/** What a host knows of its addresses. */
export interface HostNetwork {
  readonly interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>
  /** The addresses to which a name resolves here; none when it does not. */
  readonly resolve: (name: string) => Promise<readonly string[]>
  readonly hostName: string
}

/**
 * The address on which workers elsewhere reach this host: the one given, as an address, an interface or a host name; else
 * that of its own name, else of its first network. Never all addresses at once, and loopback only when asked for.
 * USAGE names the addresses there are.
 */
export async function chooseListenAddress(wanted: string | undefined, network: HostNetwork): Promise<string> {
  if (wanted === undefined) return await defaultAddress(network)
  const own = addressesOf(network)
  const onInterface = own.filter((candidate) => candidate.interface === wanted && !candidate.isLinkLocal)
  const address = onInterface[0]?.address ?? (isIP(wanted) ? wanted : await addressOfName(wanted, network))
  if (address !== undefined && isOwn(address, own)) return address
  throw refused(`--listen ${wanted}: that is no address, interface or name of this host`, own)
}

interface Candidate {
  readonly interface: string
  readonly address: string
  readonly isLoopback: boolean
  readonly isLinkLocal: boolean
  readonly isIPv6: boolean
}

/** IPv4 before IPv6, in the order of the system. */
function addressesOf({ interfaces }: HostNetwork): Candidate[] {
  const all = Object.entries(interfaces).flatMap(([name, addresses = []]) =>
    addresses.map(({ address, internal, family }) => ({
      interface: name,
      address,
      isLoopback: internal,
      isLinkLocal: /^(fe80:|169\.254\.)/i.test(address),
      isIPv6: family === 'IPv6',
    })),
  )
  return [...all.filter(({ isIPv6 }) => !isIPv6), ...all.filter(({ isIPv6 }) => isIPv6)]
}

/** Networks that other hosts are not in, or reach by detours only. */
const virtual = /^(docker|br-|veth|virbr|cni|flannel|cali|lxc|lxdbr|podman|tun|tap|wg|tailscale|zt)/

async function defaultAddress(network: HostNetwork): Promise<string> {
  const own = addressesOf(network)
  const named = await network.resolve(network.hostName)
  const reachable = own.filter(({ isLoopback, isLinkLocal }) => !isLoopback && !isLinkLocal)
  const best =
    reachable.find(({ address }) => named.includes(address)) ??
    reachable.find((candidate) => !virtual.test(candidate.interface)) ??
    reachable[0]
  if (best) return best.address
  throw refused('--listen: this host has no address that others could reach', own)
}

async function addressOfName(name: string, network: HostNetwork): Promise<string | undefined> {
  const own = addressesOf(network)
  return (await network.resolve(name)).find((address) => isOwn(address, own))
}

/** All of 127.0.0.0/8 is this host. */
function isOwn(address: string, own: readonly Candidate[]): boolean {
  return /^127\.\d+\.\d+\.\d+$/.test(address) || own.some((candidate) => candidate.address === address)
}

function refused(message: string, own: readonly Candidate[]): WindrowError {
  const there = own
    .filter(({ isLinkLocal }) => !isLinkLocal)
    .map((candidate) => `${candidate.interface} ${candidate.address}`)
  return new WindrowError('USAGE', {
    message: `${message}; it has ${there.join(', ') || 'none'}`,
    next: 'Name an address, an interface such as ib0, or a host name with --listen.',
  })
}
