/** Identities that a proxy in front has established (oauth2-proxy and the like), believed from configured addresses only. */
import ipaddr from 'ipaddr.js';
import type { AccessConfig, RoleRule } from '@/lib/config';
import type { Role } from '@/lib/domain/access';

type ProxyConfig = NonNullable<AccessConfig['trustedProxy']>;
type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

const NAME_LENGTH_MAX = 200;

/** An address as configured or as a socket tells it; IPv4 in IPv6's clothes is IPv4. Null for what is none. */
function parsed(address: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  return ipaddr.isValid(address) ? ipaddr.process(address) : null;
}

function rangeOf(text: string): Range {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  const address = ipaddr.process(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

/** Whether an address is within one of the ranges. */
export function addressMatcher(ranges: readonly string[]): (address: string) => boolean {
  const known = ranges.map(rangeOf);
  return (text) => {
    const address = parsed(text);
    return address !== null && known.some((range) => range[0].kind() === address.kind() && address.match(range));
  };
}

/** What stands in the proxy's headers; null when it names nobody. */
export function proxyUser(headers: Headers, config: ProxyConfig): { name: string; groups: string[] } | null {
  const name = headers.get(config.userHeader)?.trim() ?? '';
  if (name === '' || name.length > NAME_LENGTH_MAX) return null;
  const groups = (headers.get(config.groupsHeader) ?? '')
    .split(',')
    .map((group) => group.trim())
    .filter(Boolean);
  return { name, groups };
}

const RANK: readonly Role[] = ['viewer', 'field', 'operator', 'admin'];

/** The most that any of the groups allows; null when none is named in the configuration. */
export function roleOfGroups(
  groups: readonly string[],
  roles: Readonly<Record<string, RoleRule>>,
): { role: Role; site: string | null } | null {
  const rules = groups.flatMap((group) => (Object.hasOwn(roles, group) ? [roles[group]!] : []));
  const given = rules.map((rule) => (typeof rule === 'string' ? { role: rule, site: null } : rule));
  return given.toSorted((a, b) => RANK.indexOf(b.role) - RANK.indexOf(a.role))[0] ?? null;
}

/** The client's address as a chain of trusted proxies tells it: the last one in X-Forwarded-For that is no such proxy itself. */
export function forwardedAddress(headers: Headers, peer: string, isTrusted: (address: string) => boolean): string {
  const hops = (headers.get('x-forwarded-for') ?? '').split(',').map((hop) => hop.trim());
  const client = hops.toReversed().find((hop) => !isTrusted(hop));
  return client && parsed(client) ? client : peer;
}
