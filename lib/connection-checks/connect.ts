import { checkConnect } from '../drivers/connect';
import type { ConnectDoor } from '../drivers/connect/options';
import { isFieldlineError } from '../errors';
import { CheckFailure } from './reasons';
import { checkHttp } from './rest';

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
    if (!isFieldlineError(error, 'NOT_FOUND', 'PROTOCOL')) throw error;
    const { host } = new URL(door.baseUrl);
    throw new CheckFailure('wrong-service', `${host} is a web server, and not Kafka Connect`, 'Check the port');
  }
}
