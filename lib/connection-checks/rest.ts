import { adminCall } from '../drivers/admin-rest/client';
import { isFieldlineError } from '../errors';
import { type HttpAuth, HttpClient } from '../http';
import { type Address, addressText } from '../net/address';
import { CheckFailure } from './reasons';
import { firstAnswer, foreignService } from './transport';

const TOTAL_MS_MAX = 8_000;

export interface RestDoor {
  baseUrl: string;
  auth?: HttpAuth;
  ca?: string | undefined;
}

/** That a web server answers. Fails with a CheckFailure, or as a connection does. */
export async function checkHttp({ baseUrl, ca }: RestDoor, service: string): Promise<void> {
  const url = new URL(baseUrl);
  const tls = url.protocol === 'https:';
  const at: Address = { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(url.port) || (tls ? 443 : 80) };
  const hello = Buffer.from(`HEAD / HTTP/1.1\r\nHost: ${url.host}\r\nConnection: close\r\n\r\n`);
  const answer = await firstAnswer(at, hello, { service, ...(tls && { tls: { ca } }) });
  if (answer.subarray(0, 5).equals(Buffer.from('HTTP/'))) return;
  throw new CheckFailure(
    'wrong-service',
    `${addressText(at)} is ${foreignService(answer) ?? 'another server'}, not ${service}`,
    'Check the port',
  );
}

/** The administration of an embedded fabric or a cluster. Fails with a CheckFailure, or as the driver does. */
export async function checkAdmin(door: RestDoor, service: string): Promise<void> {
  await checkHttp(door, service);
  const client = new HttpClient({ ...door, totalTimeoutMs: TOTAL_MS_MAX });
  try {
    await adminCall(client, 'GET', 'dashboard/info');
  } catch (error) {
    if (!isFieldlineError(error, 'NOT_FOUND', 'PROTOCOL')) throw error;
    throw new CheckFailure('wrong-service', `${client.where} is a web server, and not ${service}`, 'Check the port');
  } finally {
    client.close();
  }
}
