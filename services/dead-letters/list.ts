import type { DeadLetterInfo } from '@/lib/api/schemas';
import { type DeadLetter, DeadLetterMessage, decodeMessage } from '@/lib/domain/messages';
import { TABLES, TOPICS } from '@/lib/domain/naming';
import { FieldlineError } from '@/lib/errors';
import type { SitePorts } from '@/lib/ports';
import { originHeaders, originOf } from './origin';

/** How far back dead letters are shown and can be sent again. */
export const DEAD_LETTERS_MAX = 1000;

type Ports = Pick<SitePorts, 'streams' | 'tables'>;

/** Dead letters of a site that were not sent again, newest first. Fails with UNAVAILABLE. */
export async function listDeadLetters(ports: Ports, limit = DEAD_LETTERS_MAX): Promise<DeadLetterInfo[]> {
  const letters = await openLetters(ports);
  return [...letters]
    .reverse()
    .slice(0, limit)
    .map(([id, letter]) => ({
      id,
      at: letter.at,
      service: letter.service,
      code: letter.code,
      reason: letter.reason,
      topic: `${letter.source.stream}/${letter.source.topic}`,
      key: letter.key,
      value: letter.value,
    }));
}

/**
 * Sends a dead letter to its service again; it leaves the list, and comes back (as a new one) when it is refused again.
 * Fails with NOT_FOUND for an id that is not in the list, UNAVAILABLE.
 */
export async function resendDeadLetter(ports: Ports, id: string, nowMs: number): Promise<void> {
  const letter = (await openLetters(ports)).get(id);
  if (!letter) throw new FieldlineError('NOT_FOUND', `There is no dead letter "${id}" that waits`);
  const { source, key, value, headers, service } = letter;
  const origin = originOf({ topic: { stream: source.stream, topic: source.topic }, headers });
  // First the message, then the mark: a crash between the two sends it twice, which its idempotent reader does not mind.
  await ports.streams.produce(TOPICS.retry(service), [
    { key, value, headers: { ...headers, ...originHeaders(origin) } },
  ]);
  await ports.tables.put(TABLES.deadLetters, { _id: id, resentAt: new Date(nowMs).toISOString() });
}

async function openLetters({ streams, tables }: Ports): Promise<Map<string, DeadLetter>> {
  const records = await streams.tail(TOPICS.deadLetter, DEAD_LETTERS_MAX);
  const letters = new Map(records.map((record) => [record.key, decodeMessage(DeadLetterMessage, record.value)]));
  const resent = await tables.getMany(TABLES.deadLetters, [...letters.keys()]);
  for (const { _id } of resent) letters.delete(_id);
  return letters;
}
