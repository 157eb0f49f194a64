/** Which Kafka error code tells a client what went wrong here. */
import { type ErrorCode, FieldlineError } from '@/lib/errors';
import { AppendRefusedError } from '../../log';
import { KAFKA_ERROR } from '../codec';

const BY_REFUSAL = {
  'out-of-order': KAFKA_ERROR.OUT_OF_ORDER_SEQUENCE_NUMBER,
  'stale-epoch': KAFKA_ERROR.INVALID_PRODUCER_EPOCH,
  'old-duplicate': KAFKA_ERROR.DUPLICATE_SEQUENCE_NUMBER,
} as const;

const BY_CODE: Partial<Record<ErrorCode, number>> = {
  PROTOCOL: KAFKA_ERROR.CORRUPT_MESSAGE,
  NOT_FOUND: KAFKA_ERROR.UNKNOWN_TOPIC_OR_PARTITION,
  DATA_DAMAGED: KAFKA_ERROR.CORRUPT_MESSAGE,
  DISK_FULL: KAFKA_ERROR.KAFKA_STORAGE_ERROR,
  UNAVAILABLE: KAFKA_ERROR.KAFKA_STORAGE_ERROR,
  CONFLICT: KAFKA_ERROR.TOPIC_ALREADY_EXISTS,
  REQUEST_INVALID: KAFKA_ERROR.INVALID_REQUEST,
};

/** Of an error that the log or the store threw. Throws what is no such error: that is a fault of ours. */
export function kafkaErrorOf(error: unknown): number {
  if (error instanceof AppendRefusedError) return BY_REFUSAL[error.reason];
  const code = error instanceof FieldlineError ? BY_CODE[error.code] : undefined;
  if (code === undefined) throw error;
  return code;
}
