import { errorMessage, FieldlineError } from '@/lib/errors';

/** The names of kafkajs's errors that say the broker could not be reached; the others are about what was asked. */
const CONNECTION_ERRORS = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSBrokerNotFound',
  'KafkaJSRequestTimeoutError',
  'KafkaJSNoBrokerAvailableError',
  'KafkaJSLockTimeout',
]);

/** An error of kafkajs (which hides the first one under retries) as one of the family. */
export function kafkaFailure(error: unknown, doing: string): FieldlineError {
  if (error instanceof FieldlineError) return error;
  const cause = innermost(error);
  const { name, type } = cause as { name?: string; type?: string };
  const text = errorMessage(cause);
  if (name?.startsWith('KafkaJSSASL'))
    return new FieldlineError('AUTH_FAILED', `Kafka refused the credentials: ${text}`, {
      cause: error,
      remedy: 'Check the user, its password, and that the brokers take this mechanism',
    });
  switch (type) {
    case 'UNKNOWN_TOPIC_OR_PARTITION':
      return new FieldlineError('NOT_FOUND', `${doing}: the topic does not exist`, { cause: error, retriable: true });
    case 'TOPIC_AUTHORIZATION_FAILED':
    case 'GROUP_AUTHORIZATION_FAILED':
    case 'CLUSTER_AUTHORIZATION_FAILED':
      return new FieldlineError('FORBIDDEN', `${doing}: Kafka does not allow it: ${text}`, {
        cause: error,
        remedy:
          "Allow this user to create, describe, read and write the mission's topics and to use its groups; a topic that another site writes is not for this one to write",
      });
    case 'MESSAGE_TOO_LARGE':
    case 'RECORD_LIST_TOO_LARGE':
      return new FieldlineError('REQUEST_INVALID', `${doing}: a record is larger than the topic allows`, {
        cause: error,
      });
    case 'INVALID_TOPIC_EXCEPTION':
    case 'INVALID_PARTITIONS':
      return new FieldlineError('REQUEST_INVALID', `${doing}: ${text}`, { cause: error });
    case 'KAFKA_STORAGE_ERROR':
      return new FieldlineError('DISK_FULL', `${doing}: the broker can not write to its disk`, { cause: error });
  }
  // Of the brokers' answers kafkajs keeps none here, not even that they refused.
  if (name === 'KafkaJSGroupCoordinatorNotFound')
    return new FieldlineError('UNAVAILABLE', `${doing}: no broker tells which one has the group`, {
      cause: error,
      remedy: 'Allow this user to describe and read the group; if it may, see whether all brokers are there',
    });
  const where = CONNECTION_ERRORS.has(name ?? '') ? 'Kafka can not be reached' : 'Kafka failed';
  return new FieldlineError('UNAVAILABLE', `${doing}: ${where}: ${text}`, { cause: error });
}

/** Whether a partition has no leader now, or another than kafkajs thinks: it passes by itself. */
export function isLeaderMoving(error: unknown): boolean {
  const { type } = innermost(error) as { type?: string };
  return type === 'NOT_LEADER_FOR_PARTITION' || type === 'LEADER_NOT_AVAILABLE';
}

/** Whether a group's coordinator is not ready: its broker has just started or taken it over, or the cluster has its first group. */
export function isCoordinatorMoving(error: unknown): boolean {
  const { type } = innermost(error) as { type?: string };
  return ['GROUP_LOAD_IN_PROGRESS', 'GROUP_COORDINATOR_NOT_AVAILABLE', 'NOT_COORDINATOR_FOR_GROUP'].includes(
    type ?? '',
  );
}

function innermost(error: unknown): unknown {
  let at = error;
  // Deeper chains than this are no chains.
  for (let depth = 0; depth < 5; depth++) {
    // Of several topics at once kafkajs tells each one's error beside the others.
    const { cause, errors } = at as { cause?: unknown; errors?: unknown[] };
    const inner = cause ?? errors?.[0];
    if (!(inner instanceof Error)) return at;
    at = inner;
  }
  return at;
}
