import { TABLES } from '@/lib/domain/naming';
import type { DesiredState, ServiceId } from '@/lib/domain/services';
import type { Tables } from '@/lib/ports';
import { isoTime, ServiceStateRow } from '../rows';

/** What operators want of each service, in the site's table `services`, so that it survives a restart. */
export interface DesiredStore {
  /** Those that were ever set; others have their default. */
  load(ids: readonly ServiceId[]): Promise<Map<ServiceId, DesiredState>>;
  /** Resolves when durable. */
  save(id: ServiceId, desired: DesiredState, nowMs: number): Promise<void>;
}

export function createDesiredStore(tables: Tables): DesiredStore {
  return {
    async load(ids) {
      const documents = await tables.getMany(TABLES.services, ids);
      return new Map(
        documents.map((document) => {
          const row = ServiceStateRow.parse(document);
          return [row._id as ServiceId, row.desired];
        }),
      );
    },
    save: (id, desired, nowMs) => tables.put(TABLES.services, { _id: id, desired, updatedAt: isoTime(nowMs) }),
  };
}
