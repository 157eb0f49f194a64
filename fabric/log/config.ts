/** Limits and defaults of topics. */
import { FieldlineError } from '@/lib/errors';
import type { TopicConfig } from './types';

/** Seven days, as Kafka has it. */
const RETENTION_DEFAULT_MS = 7 * 24 * 60 * 60 * 1000;
/** Small enough that retention by size and time works on a small disk, large enough that sealing costs nothing. */
const SEGMENT_DEFAULT_BYTES = 128 * 1024 * 1024;
const SEGMENT_BYTES_MIN = 1024;
const SEGMENT_BYTES_MAX = 1024 * 1024 * 1024;
/** Kafka's own rule; 249 leaves room for suffixes in file names. */
const TOPIC_NAME = /^[a-zA-Z0-9._-]{1,249}$/;
export const PARTITIONS_PER_TOPIC_MAX = 256;
/** Each costs some kilobytes and, while written, an fsync of its own. */
export const PARTITIONS_MAX = 10_000;

export const DEFAULT_TOPIC_CONFIG: TopicConfig = {
  retentionMs: RETENTION_DEFAULT_MS,
  retentionBytes: -1,
  segmentBytes: SEGMENT_DEFAULT_BYTES,
};

const isLimit = (value: number, min: number, max: number) =>
  Number.isSafeInteger(value) && value >= min && value <= max;

/** `base` with the changes. Fails with REQUEST_INVALID on values that make no sense. */
export function mergeTopicConfig(base: TopicConfig, changes: Partial<TopicConfig>): TopicConfig {
  const defined = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  const config = { ...base, ...defined } as TopicConfig;
  if (!isLimit(config.retentionMs, -1, Number.MAX_SAFE_INTEGER))
    throw new FieldlineError('REQUEST_INVALID', 'The retention time must be -1 (for ever) or milliseconds');
  if (!isLimit(config.retentionBytes, -1, Number.MAX_SAFE_INTEGER))
    throw new FieldlineError('REQUEST_INVALID', 'The retention size must be -1 (no limit) or bytes');
  if (!isLimit(config.segmentBytes, SEGMENT_BYTES_MIN, SEGMENT_BYTES_MAX))
    throw new FieldlineError(
      'REQUEST_INVALID',
      `A segment has from ${SEGMENT_BYTES_MIN} to ${SEGMENT_BYTES_MAX} bytes`,
    );
  return config;
}

/** Fails with REQUEST_INVALID. */
export function checkTopicName(name: string): void {
  if (!TOPIC_NAME.test(name) || name === '.' || name === '..')
    throw new FieldlineError('REQUEST_INVALID', `"${name.slice(0, 260)}" is no topic name`, {
      remedy: 'Use letters, digits, dots, dashes and underscores, at most 249',
    });
}

/** Fails with REQUEST_INVALID. */
export function checkPartitionCount(count: number): void {
  if (!isLimit(count, 1, PARTITIONS_PER_TOPIC_MAX))
    throw new FieldlineError('REQUEST_INVALID', `A topic has from 1 to ${PARTITIONS_PER_TOPIC_MAX} partitions`);
}
