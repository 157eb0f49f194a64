import { checkConnect } from '../drivers/connect';
import type { ConnectDoor } from '../drivers/connect/options';
import { isFieldlineError } from '../errors';
import { HttpClient } from '../http';
import { CheckFailure } from './reasons';
import { checkHttp } from './rest';

const FORBIDDEN = 403;
const TOTAL_MS_MAX = 8_000;

/**
 * The door that the link of a site on Kafka is told by: that it is Kafka Connect, accepts the credentials, and has MirrorMaker 2. Changes
 * nothing. Fails with a CheckFailure, or as the driver does.
 */
export async function checkKafkaConnect(door: ConnectDoor): Promise<void> {
  const ca = door.ca === undefined ? undefined : String(door.ca);
  await checkHttp({ baseUrl: door.baseUrl, ca }, 'Kafka Connect');
  try {
    await checkConnect(door);
  } catch (error) {
    const isForbidden = isFieldlineError(error, 'AUTH_FAILED') && error.details.status === FORBIDDEN;
    if (isForbidden && (await isConnect(door))) throw new CheckFailure('not-authorised', error.message, error.remedy);
    if (!isForbidden && !isFieldlineError(error, 'NOT_FOUND', 'PROTOCOL')) throw error;
    const { host } = new URL(door.baseUrl);
    throw new CheckFailure('wrong-service', `${host} is a web server, and not Kafka Connect`, 'Check the port');
  }
}

/**
 * Whether a door that forbids something is Kafka Connect's: it says so as Connect words its errors, `{"error_code", "message"}`, or lets its
 * root be read. Any web server may forbid what it does not know; a 401 asks for credentials, whoever stands in front.
 */
async function isConnect(door: ConnectDoor): Promise<boolean> {
  const client = new HttpClient({ ...door, totalTimeoutMs: TOTAL_MS_MAX });
  try {
    const answer = await client.request({ path: '/', accept: [FORBIDDEN] });
    return /"error_code"\s*:\s*\d/.test(await answer.text()) || answer.ok;
  } finally {
    client.close();
  }
}
