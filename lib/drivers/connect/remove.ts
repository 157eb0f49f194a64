import { ConnectClient } from './client';
import { connectorName } from './connector-config';
import type { ConnectDoor } from './options';

/** Removes an edge's connectors, idempotently. What they carried stays; Connect keeps how far
 * they were, so a link that is declared again later goes on from there. */
export async function removeConnectors(door: ConnectDoor, link: { mission: string; site: string }): Promise<void> {
  const client = new ConnectClient(door);
  try {
    for (const direction of ['inbound', 'outbound'] as const) await client.remove(connectorName(link, direction));
  } finally {
    client.close();
  }
}
