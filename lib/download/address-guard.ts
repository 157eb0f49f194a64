/** Which addresses a download may connect to. */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** IPv6 addresses of the internet are assigned from here (IANA IPv6 Address Space); all others embed, tunnel to or are something local. */
const IPV6_INTERNET = ipaddr.parseCIDR('2000::/3');
/** Public by its number, yet the host's own service in every Azure virtual machine (Azure documentation, "What is IP address 168.63.129.16?"). */
const AZURE_HOST_ADDRESS = '168.63.129.16';

/**
 * True for addresses of the internet. False for loopback, link-local (with cloud metadata), private, carrier-grade NAT, multicast, unspecified,
 * reserved and documentation addresses, and for IPv6 addresses that carry an IPv4 one (mapped, NAT64, 6to4, Teredo).
 */
export function isInternetAddress(address: string): boolean {
  if (isIP(address) === 0) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  if (parsed.kind() === 'ipv6') return (parsed as ipaddr.IPv6).match(IPV6_INTERNET as [ipaddr.IPv6, number]);
  return parsed.toString() !== AZURE_HOST_ADDRESS;
}

/** True when `url`'s host is listed as `host` (any port) or `host:port`. Compares names, never what they resolve to. */
export function isHostAllowed(url: URL, allowed: readonly string[]): boolean {
  const host = url.hostname.toLowerCase();
  const withPort = `${host}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`;
  return allowed.some((entry) => {
    const listed = entry.toLowerCase();
    return listed === host || listed === withPort;
  });
}

/** The host of a URL without the brackets of IPv6. */
export const bareHost = (url: URL) => url.hostname.replace(/^\[|\]$/g, '');
