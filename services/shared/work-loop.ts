import { errorMessage, shownMessage } from '@/lib/errors';
import type { ServiceContext } from '../contract';

/** Wait after a round that failed; the fabric is probably coming back. */
const ROUND_BACKOFF_MS_MIN = 500;
const ROUND_BACKOFF_MS_MAX = 10_000;

export interface WorkLoop {
  /** Begins the next round soon: at once when waiting, else after the round under way. */
  wake(reason: string): void;
  /** Resolves once the context's signal has aborted and the round under way is over. Never rejects. */
  readonly finished: Promise<void>;
}

/**
 * A reconcile loop: rounds of looking at what is to be done and doing it. Reasons only wake it; what is done depends on what is there, so
 * a lost or doubled wake does no harm. A round that fails is tried again with backoff, and the service is degraded until one succeeds.
 */
export function startWorkLoop(
  context: Pick<ServiceContext, 'clock' | 'signal' | 'report' | 'log'>,
  /** Returns after how many ms to look again if nobody wakes it. */
  round: () => Promise<number>,
): WorkLoop {
  const { clock, signal, report, log } = context;
  let woken = false;
  let alarm: AbortController | null = null;
  let failures = 0;

  async function waitFor(ms: number): Promise<void> {
    if (woken) return;
    alarm = new AbortController();
    const either = AbortSignal.any([alarm.signal, signal]);
    await clock.sleep(ms, either).catch(() => undefined);
    alarm = null;
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      woken = false;
      let waitMs: number;
      try {
        waitMs = await round();
        failures = 0;
        report.degraded(null, 'working');
      } catch (error) {
        if (signal.aborted) return;
        failures++;
        report.failed(error);
        report.degraded(shownMessage(error), 'working');
        log.warn('A round failed and will be tried again', { reason: errorMessage(error) });
        waitMs = Math.min(ROUND_BACKOFF_MS_MAX, ROUND_BACKOFF_MS_MIN * 2 ** Math.min(10, failures - 1));
        woken = false;
      }
      await waitFor(waitMs);
    }
  }

  return {
    wake(reason) {
      log.debug('Woken', { reason });
      woken = true;
      alarm?.abort();
    },
    finished: run(),
  };
}
