import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { whyForeign } from './foreign-requests.ts'

const here = { loopbackOnly: true, names: new Set<string>() }
const abroad = { loopbackOnly: false, names: new Set(['sweeps.example.org', 'head']) }
const host = '127.0.0.1:3080'

describe('requests of foreign pages', () => {
  for (const own of ['127.0.0.1:3080', 'localhost:9000', '[::1]:3080', 'LOCALHOST']) {
    it(`takes the Host ${own} for its own`, () => assert.equal(whyForeign('GET', { host: own }, here), undefined))
  }

  const foreignHosts = [
    'evil.example',
    'localhost.evil.example',
    '192.168.1.4',
    'localhost.',
    'a@localhost',
    'localhost/x',
    '',
    undefined,
  ]
  for (const foreign of foreignHosts) {
    it(`refuses the Host ${foreign}`, () => assert.match(whyForeign('GET', { host: foreign }, here) ?? '', /Host/))
  }

  it('takes addresses and its own names where others can reach it, and no other name', () => {
    for (const own of ['192.168.1.4:3080', '[fe80::1]:3080', 'sweeps.example.org', 'head:3080', 'localhost:3080']) {
      assert.equal(whyForeign('GET', { host: own }, abroad), undefined, own)
    }
    assert.match(whyForeign('GET', { host: 'evil.example' }, abroad) ?? '', /Host/)
  })

  for (const origin of [
    'http://evil.example',
    'http://127.0.0.1:3081',
    'http://localhost:3080',
    'null',
    'file://',
    'x',
  ]) {
    it(`refuses the Origin ${origin}`, () => assert.match(whyForeign('GET', { host, origin }, here) ?? '', /Origin/))
  }

  it('takes its own Origin, also behind a proxy that ends TLS', () => {
    assert.equal(whyForeign('PUT', { host, origin: `http://${host}` }, here), undefined)
    const name = 'sweeps.example.org'
    assert.equal(whyForeign('PUT', { host: name, origin: `https://${name}` }, abroad), undefined)
  })

  for (const site of ['cross-site', 'same-site']) {
    const headers = { host, 'sec-fetch-site': site }
    const link = { ...headers, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
    it(`refuses what a ${site} page asks for, but for a link that is followed`, () => {
      assert.match(whyForeign('GET', headers, here) ?? '', /another site/)
      assert.match(whyForeign('POST', link, here) ?? '', /another site/)
      assert.match(whyForeign('GET', { ...link, 'sec-fetch-dest': 'iframe' }, here) ?? '', /another site/)
      assert.equal(whyForeign('GET', link, here), undefined)
    })
  }

  it('takes what its own pages and the address bar ask for', () => {
    for (const site of ['same-origin', 'none']) {
      assert.equal(whyForeign('PUT', { host, 'sec-fetch-site': site }, here), undefined)
    }
  })
})
