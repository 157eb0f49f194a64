import { randomBytes } from 'node:crypto';
import { FieldlineError } from '@/lib/errors';
import { HttpClient } from '@/lib/http';
import { makeVerifiers } from '@/lib/sasl/scram';
import type { EnrolmentToken } from './token';

const PASSWORD_BYTES = 32;

/** What an edge has after its enrolment. */
export interface EdgeCredential {
  username: string;
  password: string;
}

/**
 * Makes a credential for the edge and gives HQ what it needs to recognise it, which is not the password. Fails with UNAUTHENTICATED when
 * the token holds no more, and as HttpClient does when HQ can not be reached or is not the one of the token. `reached`: how this machine reaches HQ,
 * where that is not by the address in the token.
 */
export async function acceptEnrolment(
  token: EnrolmentToken,
  reached: { address?: string; serverName?: string | undefined } = {},
): Promise<EdgeCredential> {
  if (token.expiresAt <= Date.now()) throw spent();
  const credential = { username: token.edge, password: randomBytes(PASSWORD_BYTES).toString('base64url') };
  const { address = token.address, serverName } = reached;
  const client = new HttpClient({ baseUrl: `https://${address}`, ca: token.ca, ...(serverName && { serverName }) });
  try {
    const { id, secret } = token;
    const verifiers = await makeVerifiers(credential.password);
    const request = { method: 'POST', path: '/enrol', json: { id, secret, verifiers }, accept: [401] } as const;
    const response = await client.request(request);
    if (response.status === 401) {
      await response.discard();
      throw spent();
    }
    if (!response.ok) throw await client.statusError(response, request);
    await response.discard();
    return credential;
  } finally {
    client.close();
  }
}

const spent = () =>
  new FieldlineError('UNAUTHENTICATED', 'HQ does not take this enrolment token: it was used already, or has expired', {
    remedy: 'Make a new one at HQ',
  });
