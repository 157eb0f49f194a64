import type { Inventory } from '@/lib/ports/inventory';
import { S3Bucket } from '@/lib/s3/bucket';
import { digestsPrefix, filesPrefix, incomingPrefix, markerKey } from '@/lib/s3/layout';
import type { S3Settings } from '@/lib/s3/settings';

const IDLE_TIMEOUT_MS = 30_000;
const ATTEMPTS_MAX = 3;
const REMOVALS_AT_ONCE = 16;

/** Volumes of the mission in its bucket: those with a marker. The bucket stays, with every key that is no part of such a volume. */
export function createS3Inventory(settings: S3Settings, mission: string): Inventory {
  const bucket = new S3Bucket(settings, { idleTimeoutMs: IDLE_TIMEOUT_MS, attemptsMax: ATTEMPTS_MAX });
  const prefix = `${mission}.`;
  return {
    what: 'volumes',
    async list() {
      const volumes = new Set<string>();
      for await (const page of bucket.pages(prefix, null))
        for (const { key } of page) {
          const volume = key.slice(0, key.indexOf('/'));
          if (volume !== '' && key === markerKey(volume)) volumes.add(volume);
        }
      return [...volumes];
    },
    async remove(volumes, tell) {
      let removed = 0;
      for (const volume of volumes) {
        for (const part of [incomingPrefix(volume), digestsPrefix(volume), filesPrefix(volume)])
          for await (const page of bucket.pages(part, null)) {
            const keys = page.map(({ key }) => key);
            const worker = async () => {
              for (let key = keys.pop(); key !== undefined; key = keys.pop()) {
                await bucket.remove(key);
                removed += 1;
              }
            };
            await Promise.all(Array.from({ length: REMOVALS_AT_ONCE }, worker));
            tell(`${removed} objects`);
          }
        // Last: while it is there, a removal that was cut short is found again.
        await bucket.remove(markerKey(volume));
      }
    },
    close: async () => bucket.close(),
  };
}
