import { expect, it } from 'vitest';
import type { MirrorStatus } from '@/lib/ports';
import { createTracer } from '@/lib/tracing';
import { mirrorRunContext } from '../viewer/trace';
import { createRunTracer } from './mirror-runs';

const status = (change: Partial<MirrorStatus>): MirrorStatus => ({
  state: 'idle',
  source: 'outbound-alpha@hq',
  filesTotal: 0,
  bytesTotal: 0,
  filesDone: 2,
  bytesDone: 10,
  pending: [],
  bytesPerSecond: 0,
  startedAt: null,
  lastSuccessAt: null,
  lastError: null,
  asOf: 9000,
  ...change,
});

it('a mirror run is told once, when it is over, also when it was too short to be seen running', () => {
  const tracer = createTracer({ spansKept: 10, sampleRatio: 1 });
  const tell = createRunTracer(tracer, 'alpha', 1500);
  const spansOf = (startedAt: number) => tracer.spansOf(mirrorRunContext('alpha', startedAt).traceId);
  tell(status({ startedAt: 1000, lastSuccessAt: 1500 }));
  expect(spansOf(1000)).toEqual([]);
  tell(status({ startedAt: 2000, state: 'running' }));
  expect(spansOf(2000)).toEqual([]);
  for (let n = 0; n < 2; n++) tell(status({ startedAt: 2000, lastSuccessAt: 2500 }));
  expect(spansOf(2000)).toMatchObject([{ startMs: 2000, endMs: 2500, error: null }]);
  tell(status({ startedAt: 3000, lastSuccessAt: 2500, state: 'failed', lastError: 'HQ is away' }));
  expect(spansOf(3000)).toMatchObject([{ startMs: 3000, endMs: 9000, error: 'HQ is away' }]);
});
