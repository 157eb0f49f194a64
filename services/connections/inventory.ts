/** What a mission made on a fabric, by door: to be shown, and removed. */
import type { ConnectionTarget, FieldlineConfig, SiteConfig } from '@/lib/config';
import { TABLES } from '@/lib/domain/naming';
import { createAdminInventory } from '@/lib/drivers/admin-rest/inventory';
import { createKafkaCopy } from '@/lib/drivers/kafka/copy';
import { createPostgresInventory } from '@/lib/drivers/postgres/inventory';
import { createS3Inventory } from '@/lib/drivers/s3/inventory';
import type { Inventory } from '@/lib/ports/inventory';
import { clusterDoor } from '../runtime/datafabric-ports';
import { embeddedRest } from '../runtime/embedded-ports';
import { kafkaOptions, postgresOptions } from '../runtime/kafka-ports';
import { s3Settings } from '../runtime/secrets';

export function inventoriesOf(config: FieldlineConfig, site: SiteConfig, { fabric }: ConnectionTarget): Inventory[] {
  const { mission } = config;
  if (fabric.kind !== 'kafka') {
    const door =
      fabric.kind === 'embedded'
        ? embeddedRest(config, site.id, fabric)
        : clusterDoor(config, fabric, fabric.adminPort);
    return createAdminInventory({ ...door, mission, tables: Object.values(TABLES) });
  }
  const streams = createKafkaCopy(kafkaOptions(config, site.id, fabric));
  return [
    {
      what: 'topics',
      list: async () => (await streams.inventory()).topics,
      remove: async (names) => {
        const { groups } = await streams.inventory();
        await streams.remove({ topics: names, groups });
      },
      close: () => streams.close(),
    },
    createPostgresInventory(postgresOptions(config, fabric)),
    createS3Inventory(s3Settings(config, fabric.s3), mission),
  ];
}
