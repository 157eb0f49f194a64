import fetch from 'node-fetch';
import type { Clock } from '@/lib/clock/clock';
import type { ProbeNote } from '@/lib/process/probe-note';

const POLL_INTERVAL_MS = 50;
/** After this, say what the app is waiting for; it may well become ready later. */
const SAY_AFTER_MS = 10_000;

/** Resolves when the app answers ready. Says what it waits for, once in a while; never gives up: an engine may come back. */
export async function waitUntilReady(note: ProbeNote, clock: Clock, say: (sentence: string) => void): Promise<void> {
  let sayAt = clock.now() + SAY_AFTER_MS;
  for (;;) {
    const reasons = await notReadyBecause(note);
    if (reasons.length === 0) return;
    if (clock.now() >= sayAt) {
      say(`Waiting: ${reasons.join('; ')}`);
      sayAt = clock.now() + SAY_AFTER_MS;
    }
    await clock.sleep(POLL_INTERVAL_MS);
  }
}

async function notReadyBecause({ url, key }: ProbeNote): Promise<string[]> {
  try {
    const response = await fetch(`${url}/api/health/ready`, {
      headers: { authorization: `Bearer ${key}` },
      signal: AbortSignal.timeout(5_000),
    });
    if (response.ok) return [];
    const body = (await response.json()) as { reasons?: string[]; detail?: string };
    return body.reasons ?? [body.detail ?? `the app answers ${response.status}`];
  } catch {
    return ['the app does not answer yet'];
  }
}
