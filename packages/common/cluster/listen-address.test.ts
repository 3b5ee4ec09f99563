import assert from 'node:assert/strict'
import type { NetworkInterfaceInfo } from 'node:os'
import { describe, it } from 'node:test'
import { chooseListenAddress, type HostNetwork } from './listen-address.ts'

function on(address: string): NetworkInterfaceInfo {
  const shared = {
    address,
    netmask: '',
    mac: '',
    cidr: null,
    internal: address.startsWith('127.') || address === '::1',
  }
  return address.includes(':') ? { ...shared, family: 'IPv6', scopeid: 0 } : { ...shared, family: 'IPv4' }
}

const lo = [on('127.0.0.1'), on('::1')]
const docker0 = [on('172.17.0.1')]
const eth0 = [on('fe80::1'), on('2001:db8::7'), on('192.0.2.7')]
const ib0 = [on('10.1.0.7')]

function network(interfaces: HostNetwork['interfaces'], resolved: Record<string, string[]> = {}): HostNetwork {
  return { interfaces, hostName: 'node7', resolve: async (name) => resolved[name] ?? [] }
}

describe('the address a leader listens on', () => {
  it('is that of its host name, else the first of a real network, IPv4 before IPv6', async () => {
    const all = { lo, docker0, eth0, ib0 }
    assert.equal(await chooseListenAddress(undefined, network(all)), '192.0.2.7')
    assert.equal(await chooseListenAddress(undefined, network(all, { node7: ['10.1.0.7'] })), '10.1.0.7')
    assert.equal(await chooseListenAddress(undefined, network(all, { node7: ['127.0.1.1'] })), '192.0.2.7')
    assert.equal(
      await chooseListenAddress(undefined, network({ lo, eth0: [on('fe80::1'), on('2001:db8::7')] })),
      '2001:db8::7',
    )
    assert.equal(await chooseListenAddress(undefined, network({ lo, docker0 })), '172.17.0.1', 'better than none')
  })

  it('is never loopback, a link-local address or every address unless asked for', async () => {
    const lonely = network({ lo, eth0: [on('fe80::1'), on('169.254.3.4')] }, { node7: ['127.0.1.1'] })
    await assert.rejects(chooseListenAddress(undefined, lonely), { code: 'USAGE', message: /no address that others/ })
    for (const all of ['0.0.0.0', '::'])
      await assert.rejects(chooseListenAddress(all, network({ lo, eth0 })), { code: 'USAGE' })
    assert.equal(await chooseListenAddress('127.0.0.2', lonely), '127.0.0.2')
  })

  it('may be given as an address, an interface or a host name of this host, and as nothing else', async () => {
    const host = network(
      { lo, eth0, ib0 },
      { 'node7-ib': ['10.1.0.7'], localhost: ['::1', '127.0.0.1'], node8: ['192.0.2.8'] },
    )
    for (const [wanted, chosen] of [
      ['192.0.2.7', '192.0.2.7'],
      ['2001:db8::7', '2001:db8::7'],
      ['ib0', '10.1.0.7'],
      ['eth0', '192.0.2.7'],
      ['node7-ib', '10.1.0.7'],
      ['localhost', '::1'],
    ] as const) {
      assert.equal(await chooseListenAddress(wanted, host), chosen, wanted)
    }
    for (const wanted of ['192.0.2.8', 'node8', 'ib1', 'examples/quickstart.yaml']) {
      await assert.rejects(
        chooseListenAddress(wanted, host),
        { code: 'USAGE', message: /it has lo 127\.0\.0\.1, eth0 192\.0\.2\.7/ },
        wanted,
      )
    }
  })
})
