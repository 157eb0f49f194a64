import type { Inventory } from '@/lib/ports/inventory';
import { ConnectClient } from './client';
import { connectorName } from './connector-config';
import type { ConnectDoor } from './options';

const DIRECTIONS = ['inbound', 'outbound'] as const;

/** The connectors of an edge's link. What they carried stays; Connect keeps how far they were, for a link that is made again. */
export function createConnectorInventory(door: ConnectDoor, link: { mission: string; site: string }): Inventory {
  const client = new ConnectClient(door);
  return {
    what: 'connectors',
    async list() {
      const names = DIRECTIONS.map((direction) => connectorName(link, direction));
      const there = await Promise.all(names.map((name) => client.config(name)));
      return names.filter((_name, index) => there[index] !== null);
    },
    async remove(names) {
      for (const name of names) await client.remove(name);
    },
    close: async () => client.close(),
  };
}
