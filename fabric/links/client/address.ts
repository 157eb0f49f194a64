import type { Endpoint } from './connection';

/** `0.0.0.0`, `::`, 127.x, `::1`, `localhost`: addresses that mean something only on the machine that says them. */
function isLocalOnly(host: string): boolean {
  return (
    host === '' || host === '0.0.0.0' || host === '::' || host === '::1' || host === 'localhost' || /^127\./.test(host)
  );
}

/**
 * Where to reach a door that HQ advertises. A server that was not told its public name advertises a loopback or wildcard address;
 * whoever reached it under another host knows better.
 */
export function reachable(advertised: Endpoint, configuredHost: string): Endpoint {
  if (isLocalOnly(advertised.host) && !isLocalOnly(configuredHost)) return { ...advertised, host: configuredHost };
  if (advertised.host === '0.0.0.0' || advertised.host === '::' || advertised.host === '')
    return { ...advertised, host: configuredHost };
  return advertised;
}

/** Parses `host:port`, IPv6 hosts in brackets; null when it is none. */
export function parseEndpoint(text: string): Endpoint | null {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^\s:/]+)):(\d{1,5})$/.exec(text.trim());
  const port = Number(match?.[3]);
  return match && port > 0 && port <= 65_535 ? { host: (match[1] ?? match[2])!, port } : null;
}
