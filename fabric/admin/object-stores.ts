/** The object stores that hold other clusters' volumes: `cluster/objectstore/set`. Mirrors read them. */
import type { S3Settings } from '@/lib/s3';
import type { Sealer } from '@/lib/secrets';
import { SealedRecords } from '../state/sealed-records';

export interface ObjectStore extends S3Settings {
  /** Whose volumes they are (`dstcluster`). */
  cluster: string;
  ca?: string;
}

export interface ObjectStores {
  list(): readonly Omit<ObjectStore, 'credentials'>[];
  /** The same object until another one is set. Fails with SECRET_UNREADABLE when its credentials can not be opened. */
  get(cluster: string): ObjectStore | undefined;
  /** A sentence for each that can not be used. */
  troubles(): string[];
  /** Durable when it resolves. */
  set(store: ObjectStore): Promise<void>;
  /** True when there was one. */
  delete(cluster: string): Promise<boolean>;
}

export async function openObjectStores(file: string, sealer: Sealer): Promise<ObjectStores> {
  const stored = await SealedRecords.open<ObjectStore>({ file, secret: 'credentials', title: 'object store', sealer });
  return {
    list: () => stored.list(),
    get(cluster) {
      const trouble = stored.trouble(cluster);
      if (trouble) throw trouble;
      return stored.get(cluster);
    },
    troubles: () => stored.troubles(),
    async set(store) {
      await stored.set(store);
    },
    delete: (cluster) => stored.delete(cluster),
  };
}
