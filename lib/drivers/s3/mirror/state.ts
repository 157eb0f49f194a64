import { z } from 'zod';
import { FieldlineError } from '@/lib/errors';
import { type MirrorState, type MirrorStateStore, NEVER_RUN } from '@/lib/mirror/engine';
import { mirrorStateKey, type S3Bucket } from '@/lib/s3';

export interface MirrorOf {
  volume: string;
  site: string;
}

const StoredSchema = z.object({
  source: z.object({ volume: z.string(), site: z.string() }),
  running: z.boolean(),
  startedAt: z.number().nullable(),
  lastSuccessAt: z.number().nullable(),
  lastError: z.string().nullable(),
});

/** What the bucket says of a mirror; null where the volume is none. Fails with PROTOCOL on a foreign object. */
export async function storedMirror(bucket: S3Bucket, volume: string): Promise<z.infer<typeof StoredSchema> | null> {
  const found = await bucket.get(mirrorStateKey(volume));
  if (found.kind !== 'content') return null;
  const chunks: Buffer[] = [];
  for await (const chunk of found.stream) chunks.push(chunk as Buffer);
  const parsed = StoredSchema.safeParse(jsonOf(Buffer.concat(chunks).toString('utf8')));
  if (parsed.success) return parsed.data;
  throw new FieldlineError('PROTOCOL', `The object ${mirrorStateKey(volume)} is not the state of a mirror`, {
    remedy: 'Remove it; the mirror then begins anew, and brings nothing twice',
  });
}

/** A mirror's state as an object of its own volume, so that every process of the site sees the same. */
export class BucketMirrorState implements MirrorStateStore {
  value: MirrorState = NEVER_RUN;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly bucket: S3Bucket,
    private readonly volume: string,
    readonly source: MirrorOf,
  ) {}

  /** What is stored; a state of another source, or none, is that of a mirror that never ran. Fails with PROTOCOL on a foreign object. */
  async read(): Promise<void> {
    await this.#writing.catch(() => undefined);
    const stored = await storedMirror(this.bucket, this.volume);
    if (!stored) {
      this.value = NEVER_RUN;
      return;
    }
    const { source, ...state } = stored;
    const isSame = source.volume === this.source.volume && source.site === this.source.site;
    this.value = isSame ? state : NEVER_RUN;
  }

  update(change: (state: MirrorState) => MirrorState): Promise<void> {
    this.value = change(this.value);
    const content = Buffer.from(JSON.stringify({ source: this.source, ...this.value }));
    const write = this.#writing
      .catch(() => undefined)
      .then(() => this.bucket.put(mirrorStateKey(this.volume), content));
    this.#writing = write;
    return write.then(() => undefined);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
