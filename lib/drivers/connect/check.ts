import { FieldlineError } from '@/lib/errors';
import { ConnectClient } from './client';
import { CONNECTOR_CLASS } from './connector-config';
import type { ConnectDoor } from './options';

export interface ConnectFacts {
  /** Of Kafka Connect, e.g. `4.3.1`. */
  version: string;
  /** Of MirrorMaker's connector. */
  mirrorVersion: string | null;
  /** Of the Kafka cluster that holds the workers' own topics. */
  clusterId: string | null;
}

/**
 * Asks Kafka Connect's REST door what a link needs of it; changes nothing. Fails with UNAVAILABLE (`details.reason`: not resolved, refused,
 * certificate), TIMEOUT, AUTH_FAILED, PROTOCOL where something else listens there, UNSUPPORTED where the workers lack MirrorMaker 2 or are
 * too old to tell offsets.
 */
export async function checkConnect(door: ConnectDoor): Promise<ConnectFacts> {
  const client = new ConnectClient(door);
  try {
    const { version, kafka_cluster_id: clusterId } = await client.root();
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (major < 3 || (major === 3 && minor < 5))
      throw new FieldlineError('UNSUPPORTED', `Kafka Connect at ${client.where} is of version ${version}`, {
        remedy: 'Use 3.5 or newer: older ones do not tell how far a connector is',
      });
    const mirror = (await client.plugins()).find((plugin) => plugin.class === CONNECTOR_CLASS);
    if (!mirror)
      throw new FieldlineError('UNSUPPORTED', `Kafka Connect at ${client.where} has no MirrorMaker 2`, {
        remedy: 'Put connect-mirror of the same version on the class path of the workers',
      });
    return { version, mirrorVersion: mirror.version ?? null, clusterId: clusterId ?? null };
  } finally {
    client.close();
  }
}
