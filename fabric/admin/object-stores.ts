/** The object stores that hold other clusters' volumes: `cluster/objectstore/set`. Mirrors read them. */
import { FieldlineError } from '@/lib/errors';
import type { S3Settings } from '@/lib/s3';
import { JsonFile } from '../state/json-file';

/** An edge has one HQ; a handful is plenty. */
const OBJECT_STORES_MAX = 100;
/** Its owner alone may read the file: it holds credentials. */
const MODE = 0o600;

export interface ObjectStore extends S3Settings {
  /** Whose volumes they are (`dstcluster`). */
  cluster: string;
  ca?: string;
}

export interface ObjectStores {
  list(): readonly ObjectStore[];
  /** The same object until another one is set. */
  get(cluster: string): ObjectStore | undefined;
  /** Durable when it resolves. */
  set(store: ObjectStore): Promise<void>;
  /** True when there was one. */
  delete(cluster: string): Promise<boolean>;
}

export async function openObjectStores(file: string): Promise<ObjectStores> {
  const stored = await JsonFile.open<ObjectStore[]>(file, [], MODE);
  const others = (cluster: string) => stored.value.filter((store) => store.cluster !== cluster);
  const get = (cluster: string) => stored.value.find((store) => store.cluster === cluster);
  return {
    list: () => stored.value,
    get,
    async set(store) {
      if (JSON.stringify(get(store.cluster)) === JSON.stringify(store)) return;
      if (others(store.cluster).length >= OBJECT_STORES_MAX)
        throw new FieldlineError('CONFLICT', `Object stores of ${OBJECT_STORES_MAX} clusters are set already`);
      await stored.update((value) => [...value.filter((other) => other.cluster !== store.cluster), store]);
    },
    async delete(cluster) {
      if (!get(cluster)) return false;
      await stored.update(() => others(cluster));
      return true;
    },
  };
}
