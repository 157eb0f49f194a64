import { digestsPrefix, filesPrefix, incomingPrefix, parseDigestKey, tagOf, type VolumeDigests } from '@/lib/s3';
import { abortOldUploads } from './multipart';

/** An upload of this age has no process any more that could end it: a day, in ms. */
const LEFTOVER_AGE_MS = 24 * 60 * 60_000;

/**
 * Removes what crashes and removals left in a volume: uploads that were never completed or never copied to their name, and digests of
 * content that no file has. All of it is invisible; it only costs room.
 */
export async function sweep(digests: VolumeDigests, now: number): Promise<void> {
  const { bucket, volume } = digests;
  const before = now - LEFTOVER_AGE_MS;
  await abortOldUploads(bucket, incomingPrefix(volume), before);
  for await (const uploads of bucket.pages(incomingPrefix(volume), null))
    for (const { key, modifiedAt } of uploads) if (modifiedAt < before) await bucket.remove(key);

  // The digests first: content that comes back after they were listed has noted its digest anew.
  const old: { key: string; tag: string }[] = [];
  for await (const notes of bucket.pages(digestsPrefix(volume), null))
    for (const { key, modifiedAt } of notes) {
      const digest = parseDigestKey(volume, key);
      if (digest && modifiedAt < before) old.push({ key, tag: digest.tag });
    }
  if (old.length === 0) return;
  const wanted = new Set<string>();
  for await (const files of bucket.pages(filesPrefix(volume), null)) for (const file of files) wanted.add(tagOf(file));
  for (const { key, tag } of old)
    if (!wanted.has(tag)) {
      digests.forget(tag);
      await bucket.remove(key);
    }
}
