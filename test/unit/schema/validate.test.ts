import { describe, expect, it } from 'vitest'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { idProblem, nameProblem, validateSubjectNames } from '../../../services/rebac/model/validate-names.ts'
import { IpAddress, parseCidr } from '../../../services/rebac/schema/ip-address.ts'
import { defaultSchema } from '../../../services/rebac/schema/default-schema.ts'
import { derivedParentId } from '../../../services/rebac/schema/hierarchy.ts'
import {
  isDerivedRelationship,
  normalizeObjectId,
  validateContextSize,
} from '../../../services/rebac/schema/validate.ts'
import { readRelationship, readSubject } from '../../support/naive/case-file.ts'

const schema = defaultSchema()

describe('names and ids', () => {
  it.each(['a', 'shared-viewer', 'owner-of', 'ünï', 'a/b', 'n'.repeat(64), 'ß'.repeat(32)])('%s is a name', (name) => {
    expect(nameProblem(name)).toBeNull()
  })

  it.each([
    '',
    ' ',
    'a b',
    'a:b',
    'a#b',
    'a@b',
    '*',
    'a*',
    'a\u0000',
    'a\n',
    'a\u0085',
    '\ud800',
    'n'.repeat(65),
    'ß'.repeat(33),
  ])('%j is none', (name) => {
    expect(nameProblem(name)).not.toBeNull()
  })

  it.each(['a', 'a b', '/a:b#c@d', '**', '日本', 'x'.repeat(1024), '😀'.repeat(256)])('%s is an id', (id) => {
    expect(idProblem(id)).toBeNull()
  })

  it.each(['', '*', 'a\u0000b', 'a\tb', 'a\u007f', 'a\u0080', '\udfff', 'x'.repeat(1025), '😀'.repeat(257)])(
    '%j is none',
    (id) => {
      expect(idProblem(id)).not.toBeNull()
    },
  )

  it('subjects have one of five forms', () => {
    for (const text of ['user:a', 'user:*', 'group:g#member', '*:*', 'other/user:a'])
      validateSubjectNames(readSubject(text))
    for (const text of [
      '*:a',
      '*:*#r',
      'user:*#r',
      'other/user:*',
      'other/group:g#r',
      'user:',
      'us er:a',
      'other/*:*',
    ]) {
      expect(() => validateSubjectNames(readSubject(text)), text).toThrow(NexusError)
    }
  })
})

describe('hierarchical ids', () => {
  it.each([
    ['/a/b', '/a/b'],
    ['/a/b/', '/a/b'],
    ['/a/b///', '/a/b'],
    ['/', '/'],
    ['///', '/'],
    ['a/', 'a'],
  ])('%s is %s', (id, normal) => {
    expect(normalizeObjectId(schema, 'file', id)).toBe(normal)
    expect(normalizeObjectId(schema, 'group', id)).toBe(id)
  })

  it.each([
    ['/a/b/c', '/a/b'],
    ['/a', '/'],
    ['/', null],
    ['a/b', 'a'],
    ['a', null],
    ['/a//b', '/a'],
    ['//a', '/'],
  ])('the parent of %s is %s', (id, parent) => {
    expect(derivedParentId({ type: 'file', relation: 'parent', separator: '/' }, id)).toBe(parent)
  })

  it('knows which relationships are derived', () => {
    const derived = ['file:/a/b#parent@file:/a', 'file:/a#parent@file:/', 'file:/a/b/#parent@file:/a/']
    const stored = [
      'file:/a/b#parent@file:/',
      'file:/a#parent@user:/',
      'file:/a#owner@file:/',
      'group:/a#parent@group:/',
      'file:/a#parent@file:/#viewer',
    ]
    for (const text of derived) expect(isDerivedRelationship(schema, readRelationship(text)), text).toBe(true)
    for (const text of stored) expect(isDerivedRelationship(schema, readRelationship(text)), text).toBe(false)
  })
})

describe('the context of a request', () => {
  it('is at most 64 KiB', () => {
    validateContextSize({ x: 'a'.repeat(65_000) })
    expect(() => validateContextSize({ x: 'a'.repeat(66_000) })).toThrow(/larger than 65536 bytes/)
  })
})

describe('IP addresses', () => {
  it.each([
    ['10.1.2.3', '10.0.0.0/8', true],
    ['11.1.2.3', '10.0.0.0/8', false],
    ['10.1.2.3', '0.0.0.0/0', true],
    ['::ffff:10.1.2.3', '10.0.0.0/8', true],
    ['2001:db8::1', '2001:db8::/32', true],
    ['2001:db9::1', '2001:db8::/32', false],
    ['10.1.2.3', '::/0', false],
    ['192.168.1.1', '192.168.1.1/32', true],
  ])('%s in %s: %s', (text, range, expected) => {
    const [address, cidr] = [IpAddress.parse(text), parseCidr(range)]
    expect(address !== null && cidr !== null && address.within(cidr)).toBe(expected)
  })

  it('refuses what is none', () => {
    for (const text of ['', '10.0.0', '10.0.0.256', '10.0.0.1/8', 'fe80::1%eth0', 'localhost'])
      expect(IpAddress.parse(text), text).toBeNull()
    for (const text of ['', '10.0.0.0', '10.0.0.0/33', '::/129', '/8', '10.0.0.0/8/8', '10.0.0.0/-1'])
      expect(parseCidr(text), text).toBeNull()
  })
})
