import { BlockList, isIP } from 'node:net'

const notPublic = new BlockList()
/** What the IANA registries call special-purpose, and multicast: nothing a public site lives at. */
for (const [network, bits] of [
  ...([
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
  ] as const),
  ...([
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
    ['192.88.99.0', 24],
    ['192.168.0.0', 16],
  ] as const),
  ...([
    ['198.18.0.0', 15],
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
    ['224.0.0.0', 4],
    ['240.0.0.0', 4],
  ] as const),
] as const)
  notPublic.addSubnet(network, bits, 'ipv4')

const publicSix = new BlockList()
publicSix.addSubnet('2000::', 3, 'ipv6')
const specialSix = new BlockList()
/** Tunnels that carry an IPv4 address, documentation and benchmarks, within the public range. */
for (const [network, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  specialSix.addSubnet(network, bits, 'ipv6')

/** Whether an address is one of the public internet: not this machine, its network, a cloud's metadata service or a tunnel. */
export function isPublicAddress(address: string): boolean {
  const plain = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '')
  const version = isIP(plain)
  if (version === 4) return !notPublic.check(plain, 'ipv4')
  // An IPv4 address in IPv6 clothes lies outside 2000::/3, and so is refused whatever it is.
  return version === 6 && publicSix.check(plain, 'ipv6') && !specialSix.check(plain, 'ipv6')
}
