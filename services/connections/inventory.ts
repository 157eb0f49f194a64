/** What a fabric has of the names of a mission, by door: to be written down, shown, and removed. */
import type { ConnectionTarget, FieldlineConfig, SiteConfig } from '@/lib/config';
import { TABLES } from '@/lib/domain/naming';
import { createAdminInventory } from '@/lib/drivers/admin-rest/inventory';
import { createConnectorInventory } from '@/lib/drivers/connect/inventory';
import { createKafkaCopy } from '@/lib/drivers/kafka/copy';
import { createLinkInventory } from '@/lib/drivers/link-admin/inventory';
import { createPostgresInventory } from '@/lib/drivers/postgres/inventory';
import { createS3Inventory } from '@/lib/drivers/s3/inventory';
import type { Inventory } from '@/lib/ports/inventory';
import { clusterDoor } from '../runtime/datafabric-ports';
import { embeddedRest } from '../runtime/embedded-ports';
import { connectDoor, kafkaOptions, postgresOptions } from '../runtime/kafka-ports';
import { s3Settings } from '../runtime/secrets';

export function inventoriesOf(config: FieldlineConfig, site: SiteConfig, { fabric }: ConnectionTarget): Inventory[] {
  const { mission } = config;
  if (fabric.kind !== 'kafka') {
    const door =
      fabric.kind === 'embedded'
        ? embeddedRest(config, site.id, fabric)
        : clusterDoor(config, fabric, fabric.adminPort);
    const things = createAdminInventory({ ...door, mission, tables: Object.values(TABLES) });
    // Of a cluster, gateways are everybody's.
    const link = site.role === 'edge' && fabric.kind === 'embedded' ? [createLinkInventory({ ...door, mission })] : [];
    return [...link, ...things];
  }
  const streams = createKafkaCopy(kafkaOptions(config, site.id, fabric));
  const link = fabric.connect
    ? [createConnectorInventory(connectDoor(config, fabric.connect), { mission, site: site.id })]
    : [];
  return [
    ...link,
    {
      what: 'topics',
      list: async () => (await streams.inventory()).topics,
      remove: (names) => streams.remove({ topics: names, groups: [] }),
      close: () => streams.close(),
    },
    {
      what: 'consumer groups',
      list: async () => (await streams.inventory()).groups,
      remove: (names) => streams.remove({ topics: [], groups: names }),
      close: async () => undefined,
    },
    createPostgresInventory(postgresOptions(config, fabric)),
    createS3Inventory(s3Settings(config, fabric.s3), mission),
  ];
}
