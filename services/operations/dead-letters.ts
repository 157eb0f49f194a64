import type { DeadLetterInfo } from '@/lib/api/schemas';
import { FieldlineError } from '@/lib/errors';
import type { Runtime } from '../contract';
import { listDeadLetters as list, resendDeadLetter as resend } from '../dead-letters';
import { assertNotMoving, siteOf } from './lookup';

/** Messages of a site that could not be processed and were not sent again, newest first. Fails with NOT_FOUND, UNAVAILABLE. */
export async function listDeadLetters(
  runtime: Runtime,
  siteId: string,
  limit: number,
): Promise<{ deadLetters: DeadLetterInfo[] }> {
  return { deadLetters: await list(siteOf(runtime, siteId).ports, limit) };
}

/** Sends one to its service again and answers what it was. Fails with NOT_FOUND, also for one that was sent already, and UNAVAILABLE. */
export async function resendDeadLetter(runtime: Runtime, siteId: string, id: string): Promise<DeadLetterInfo> {
  const { ports } = siteOf(runtime, siteId);
  assertNotMoving(runtime, siteId);
  const letter = (await list(ports)).find((candidate) => candidate.id === id);
  if (!letter) throw new FieldlineError('NOT_FOUND', `Site "${siteId}" has no dead letter "${id}" that waits`);
  await resend(ports, id, runtime.clock.now());
  return letter;
}
