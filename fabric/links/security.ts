/** How a site's connections to HQ are secured: TLS over the conditioner, and who this site is. */
import type { Agent } from 'node:http';
import type { TlsTrust } from './tls/secure';
import { SecureDialerAgent } from './tls/secure-agent';
import type { Dialer } from './types';

export interface SaslCredentials {
  mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  username: string;
  password: string;
}

export interface LinkSecurity {
  /** Absent: no TLS. */
  tls?: TlsTrust | undefined;
  sasl?: SaslCredentials | undefined;
}

/** What it takes to use HQ's doors. */
export interface UpstreamAccess {
  kafka: LinkSecurity;
  rest: {
    scheme: 'http' | 'https';
    agent: Agent;
    /** Only over TLS: what is sent in the clear can be read by whoever carries it. */
    auth: { kind: 'basic'; username: string; password: string } | undefined;
  };
}

/** To be made once for each security: its agent keeps connections from call to call. */
export function upstreamAccess(dialer: Dialer, security: LinkSecurity): UpstreamAccess {
  const { tls, sasl } = security;
  if (!tls) return { kafka: security, rest: { scheme: 'http', agent: dialer.agent, auth: undefined } };
  const auth = sasl && ({ kind: 'basic', username: sasl.username, password: sasl.password } as const);
  return { kafka: security, rest: { scheme: 'https', agent: new SecureDialerAgent(dialer, tls), auth } };
}
