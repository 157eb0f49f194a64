import type { Clock } from '@/lib/clock/clock';
import { DeadLetterMessage, encodeMessage } from '@/lib/domain/messages';
import { TOPICS } from '@/lib/domain/naming';
import type { ServiceId } from '@/lib/domain/services';
import { asFieldlineError } from '@/lib/errors';
import type { StreamRecord, Streams } from '@/lib/ports';

export interface Refused {
  record: StreamRecord;
  error: unknown;
}

const REASON_LENGTH_MAX = 1000;

/** The same for a record however often it is refused, so that a crash between refusing and committing shows it once. */
export const deadLetterId = (service: string, record: Pick<StreamRecord, 'topic' | 'partition' | 'offset'>) =>
  `${service}.${record.topic.stream}.${record.topic.topic}.${record.partition}.${record.offset}`;

/** Keeps records that could not be processed, with the reason. Resolves when durable; the caller commits only then. */
export async function writeDeadLetters(
  streams: Streams,
  service: ServiceId,
  clock: Clock,
  refused: readonly Refused[],
): Promise<void> {
  if (refused.length === 0) return;
  await streams.produce(
    TOPICS.deadLetter,
    refused.map(({ record, error }) => {
      const { code, message } = asFieldlineError(error);
      return {
        key: deadLetterId(service, record),
        value: encodeMessage(DeadLetterMessage, {
          type: 'dead.letter',
          at: new Date(clock.now()).toISOString(),
          service,
          reason: message.slice(0, REASON_LENGTH_MAX),
          code,
          source: {
            stream: record.topic.stream,
            topic: record.topic.topic,
            partition: record.partition,
            offset: record.offset,
          },
          key: record.key,
          value: record.value,
          headers: record.headers,
        }),
      };
    }),
  );
}
