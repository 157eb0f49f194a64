/** Which partition a key goes to: murmur2 of its bytes, as Kafka's own clients have it, so that all writers of a topic agree. */

const SEED = 0x9747b28c;
const MULTIPLIER = 0x5bd1e995;
const ROTATION = 24;

/** MurmurHash2 by A. Appleby, 32 bit, with the seed of Kafka's `DefaultPartitioner`. */
function murmur2(data: Buffer): number {
  let hash = SEED ^ data.length;
  let at = 0;
  for (; at + 4 <= data.length; at += 4) {
    let word = Math.imul(data.readInt32LE(at), MULTIPLIER);
    word ^= word >>> ROTATION;
    hash = Math.imul(hash, MULTIPLIER) ^ Math.imul(word, MULTIPLIER);
  }
  const rest = data.length - at;
  if (rest >= 3) hash ^= data[at + 2]! << 16;
  if (rest >= 2) hash ^= data[at + 1]! << 8;
  if (rest >= 1) hash = Math.imul(hash ^ data[at]!, MULTIPLIER);
  hash = Math.imul(hash ^ (hash >>> 13), MULTIPLIER);
  return hash ^ (hash >>> 15);
}

export const partitionOfKey = (key: Buffer, partitions: number): number => (murmur2(key) & 0x7fffffff) % partitions;
