/** Errors of this door: `{"error_code","message"}` with the codes of Confluent's REST proxy v2 ("REST Proxy API reference", "Errors"). */
import type { ErrorCode } from '@/lib/errors';
import { FieldlineError } from '@/lib/errors';
import { type ErrorResponder, sendJson } from '../http/router';
import { KAFKA_ERROR } from '../kafka/codec';

/** The first three digits are the HTTP status. */
const CODES = {
  topicNotFound: [40401, 'NOT_FOUND'],
  partitionNotFound: [40402, 'NOT_FOUND'],
  consumerNotFound: [40403, 'NOT_FOUND'],
  topicRefused: [40301, 'FORBIDDEN'],
  formatMismatch: [40601, 'REQUEST_INVALID'],
  otherSubscription: [40901, 'CONFLICT'],
  consumerExists: [40902, 'CONFLICT'],
  illegalState: [40903, 'CONFLICT'],
  mediaType: [415, 'MEDIA_TYPE_UNSUPPORTED'],
  invalid: [422, 'REQUEST_INVALID'],
  jsonConversion: [42203, 'REQUEST_INVALID'],
  consumerConfig: [42204, 'REQUEST_INVALID'],
  tooMany: [42901, 'UNAVAILABLE'],
  kafka: [50002, 'PROTOCOL'],
  kafkaRetriable: [50003, 'UNAVAILABLE'],
} as const satisfies Record<string, readonly [number, ErrorCode]>;

/** A refusal of this door, by its name in the table above. */
export function refusal(name: keyof typeof CODES, message: string): FieldlineError {
  const [errorCode, code] = CODES[name];
  return new FieldlineError(code, message, { details: { errorCode } });
}

/** The error that a Kafka error code of the coordinator stands for. */
export function groupRefusal(kafkaCode: number, doing: string): FieldlineError {
  if (kafkaCode === KAFKA_ERROR.UNKNOWN_TOPIC_OR_PARTITION)
    return refusal('partitionNotFound', `${doing}: there is no such topic or partition`);
  const lost: number[] = [KAFKA_ERROR.UNKNOWN_MEMBER_ID, KAFKA_ERROR.ILLEGAL_GENERATION];
  if (lost.includes(kafkaCode) || kafkaCode === KAFKA_ERROR.REBALANCE_IN_PROGRESS)
    return refusal('illegalState', `${doing}: the group was divided anew; read again`);
  return refusal('kafka', `${doing}: Kafka error ${kafkaCode}`);
}

/** 401 and other general errors have the status with "01" or the status alone, as Confluent has it. */
export const sendKafkaRestError: ErrorResponder = (error, response) => {
  const told = error.details.errorCode;
  const general = error.code === 'UNAUTHENTICATED' ? 40101 : error.httpStatus;
  const errorCode = typeof told === 'number' ? told : general;
  const status = errorCode >= 1000 ? Math.floor(errorCode / 100) : errorCode;
  sendJson(response, status, {
    error_code: errorCode,
    message: error.code === 'INTERNAL' ? 'Internal error' : error.message,
  });
};
