import { expect, it } from 'vitest';
import { FieldlineError } from '@/lib/errors';
import type { ServiceContext } from '../contract';
import { ManualClock, settle } from '../testing/manual-clock';
import { startWorkLoop } from './work-loop';

it('tells a person what a round failed with in the words of the error, without its cause', async () => {
  const told: (string | null)[] = [];
  const ended = new AbortController();
  const context = {
    clock: new ManualClock(),
    signal: ended.signal,
    report: { degraded: (reason: string | null) => told.push(reason), failed: () => undefined },
    log: { warn: () => undefined, debug: () => undefined },
  } as unknown as ServiceContext;
  const loop = startWorkLoop(context, () =>
    Promise.reject(
      new FieldlineError('UNAVAILABLE', 'db:5432 refused the connection: nothing listens there', {
        cause: new Error('connect ECONNREFUSED 127.0.0.1:5432'),
      }),
    ),
  );
  await settle();
  expect(told).toEqual(['db:5432 refused the connection: nothing listens there']);
  ended.abort();
  await loop.finished;
});
