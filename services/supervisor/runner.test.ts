import { describe, expect, it } from 'vitest';
import type { Service } from '@/lib/api/schemas';
import { FieldlineError } from '@/lib/errors';
import type { ServiceInstance } from '../contract';
import { ManualClock, settle } from '../testing/manual-clock';
import {
  RESTART_BACKOFF,
  type RunnerHooks,
  ServiceRunner,
  STABLE_AFTER_MS,
  START_TIMEOUT_MS,
  STOP_DEADLINE_MS,
} from './runner';

interface Life {
  hooks: RunnerHooks;
  stopped: boolean;
  fail(error: Error): void;
}

/** A runner over a service whose starts and stops the test decides. */
function setUp(behaviour: { start?: (life: number) => Promise<void>; stop?: () => Promise<void> } = {}) {
  const clock = new ManualClock();
  const lives: Life[] = [];
  const published: Service[] = [];
  const transitions: string[] = [];
  const runner = new ServiceRunner({
    site: 'hq',
    definition: { id: 'downloader', start: () => Promise.reject(new Error('not used')) },
    clock,
    publish: (service) => published.push(service),
    onWork: () => undefined,
    onTransition: (from, to) => transitions.push(`${from}>${to}`),
    async start(_definition, hooks): Promise<ServiceInstance> {
      let fail: (error: Error) => void = () => undefined;
      let finish: () => void = () => undefined;
      const done = new Promise<void>((resolve, reject) => {
        finish = resolve;
        fail = reject;
      });
      const life: Life = { hooks, stopped: false, fail: (error) => fail(error) };
      lives.push(life);
      await behaviour.start?.(lives.length);
      return {
        done,
        async stop() {
          await behaviour.stop?.();
          life.stopped = true;
          finish();
        },
      };
    },
  });
  return { clock, lives, published, transitions, runner };
}
const running = async (test: ReturnType<typeof setUp>) => {
  test.runner.setDesired('running');
  await settle();
  expect(test.runner.snapshot().state).toBe('running');
};

describe('the runner', () => {
  it('is stopped while it is held', async () => {
    const test = setUp();
    await running(test);
    await test.runner.hold();
    expect([test.runner.snapshot().state, test.runner.snapshot().desired]).toEqual(['stopped', 'running']);
    test.runner.setDesired('running');
    test.runner.retryNow();
    await settle();
    expect([test.runner.snapshot().state, test.lives.length]).toEqual(['stopped', 1]);
    test.runner.release();
    await settle();
    expect(test.runner.snapshot().state).toBe('running');
    test.runner.setDesired('stopped');
    await settle();
    await test.runner.hold();
    test.runner.release();
    await settle();
    expect([test.runner.snapshot().state, test.lives.length]).toEqual(['stopped', 2]);
  });

  it('starts and stops as desired', async () => {
    const test = setUp();
    await running(test);
    test.runner.setDesired('stopped');
    await settle();
    expect(test.lives[0]).toMatchObject({ stopped: true });
    expect(test.lives[0]!.hooks.signal.aborted).toBe(true);
    expect(test.transitions).toEqual(['stopped>starting', 'starting>running', 'running>stopping', 'stopping>stopped']);
  });

  it('is faulted at once, with the error, when it ends by itself', async () => {
    const test = setUp();
    await running(test);
    test.lives[0]!.fail(new FieldlineError('UNAVAILABLE', 'The broker is gone'));
    await settle();
    expect(test.runner.snapshot()).toMatchObject({
      state: 'faulted',
      health: { status: 'degraded', reason: 'The broker is gone' },
      lastError: { code: 'UNAVAILABLE', message: 'The broker is gone' },
    });
    expect(test.published.at(-1)?.state).toBe('faulted');
    expect(test.runner.snapshot().nextAttemptAt).not.toBeNull();
  });

  it('backs off from 0.5 s to 30 s', async () => {
    const test = setUp({ start: () => Promise.reject(new FieldlineError('UNAVAILABLE', 'no')) });
    test.runner.setDesired('running');
    await settle();
    for (
      let waitMs = RESTART_BACKOFF.minMs;
      test.lives.length < 9;
      waitMs = Math.min(RESTART_BACKOFF.maxMs, waitMs * 2)
    ) {
      const before = test.lives.length;
      await test.clock.advance(waitMs - 1);
      expect(test.lives).toHaveLength(before);
      await test.clock.advance(1);
      expect(test.lives).toHaveLength(before + 1);
    }
    expect(test.runner.snapshot().restarts).toBe(8);
  });

  it('forgets its failures after it ran well', async () => {
    const test = setUp({ start: (life) => (life < 4 ? Promise.reject(new Error('no')) : Promise.resolve()) });
    test.runner.setDesired('running');
    await test.clock.advance(60_000);
    expect(test.runner.snapshot().state).toBe('running');
    await test.clock.advance(STABLE_AFTER_MS);
    test.lives.at(-1)!.fail(new Error('again'));
    await settle();
    expect(test.runner.snapshot().state).toBe('faulted');
    await test.clock.advance(RESTART_BACKOFF.minMs);
    expect(test.runner.snapshot().state).toBe('running');
  });

  it('an order to run ends the backoff', async () => {
    const test = setUp({ start: (life) => (life < 5 ? Promise.reject(new Error('no')) : Promise.resolve()) });
    test.runner.setDesired('running');
    await settle();
    for (let n = 0; n < 4; n++) {
      test.runner.setDesired('running');
      await settle();
    }
    expect(test.runner.snapshot().state).toBe('running');
  });

  it('abandons a stop at its deadline', async () => {
    const test = setUp({ stop: () => new Promise(() => undefined) });
    await running(test);
    test.runner.setDesired('stopped');
    await settle();
    expect(test.runner.snapshot().state).toBe('stopping');
    await test.clock.advance(STOP_DEADLINE_MS);
    expect(test.runner.snapshot()).toMatchObject({ state: 'stopped', lastError: { code: 'TIMEOUT' } });
  });

  it('gives up a start that hangs', async () => {
    const test = setUp({ start: () => new Promise(() => undefined) });
    test.runner.setDesired('running');
    await test.clock.advance(START_TIMEOUT_MS);
    expect(test.runner.snapshot()).toMatchObject({ state: 'faulted', lastError: { code: 'TIMEOUT' } });
  });

  it('can be stopped while its start hangs', async () => {
    const test = setUp({ start: () => new Promise(() => undefined) });
    test.runner.setDesired('running');
    await settle();
    test.runner.setDesired('stopped');
    await test.clock.advance(STOP_DEADLINE_MS);
    expect(test.runner.snapshot().state).toBe('stopped');
  });

  it('never runs two instances at once', async () => {
    let letGo: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const test = setUp({ stop: () => gone });
    await running(test);
    test.lives[0]!.fail(new Error('crash'));
    await test.clock.advance(RESTART_BACKOFF.minMs + 1000);
    expect(test.runner.snapshot().state).toBe('starting');
    expect(test.lives).toHaveLength(1);
    letGo();
    await settle();
    expect(test.lives).toHaveLength(2);
    expect(test.runner.snapshot().state).toBe('running');
  });

  it('starts again when the order to run comes while it stops', async () => {
    const test = setUp();
    await running(test);
    test.runner.setDesired('stopped');
    test.runner.setDesired('running');
    await settle();
    expect(test.lives).toHaveLength(2);
    expect(test.runner.snapshot().state).toBe('running');
  });

  it('ignores what a gone instance reports', async () => {
    const test = setUp();
    await running(test);
    test.runner.setDesired('stopped');
    await settle();
    test.lives[0]!.hooks.report.processed(5);
    test.lives[0]!.fail(new Error('late'));
    await settle();
    expect(test.runner.snapshot()).toMatchObject({ processed: 0, state: 'stopped', lastError: null });
  });

  it('shows health apart from the lifecycle', async () => {
    const test = setUp();
    await running(test);
    test.lives[0]!.hooks.report.degraded('The feed nasa does not answer');
    expect(test.runner.snapshot()).toMatchObject({
      state: 'running',
      health: { status: 'degraded', reason: 'The feed nasa does not answer' },
    });
    test.lives[0]!.hooks.report.degraded('Late', 'reading');
    expect(test.runner.snapshot().health.reason).toBe('The feed nasa does not answer; Late');
    test.lives[0]!.hooks.report.degraded(null);
    expect(test.runner.snapshot().health.reason).toBe('Late');
    test.lives[0]!.hooks.report.degraded(null, 'reading');
    expect(test.runner.snapshot().health.status).toBe('ok');
  });

  it('publishes states at once and counters once a second', async () => {
    const test = setUp();
    await running(test);
    const before = test.published.length;
    for (let n = 0; n < 100; n++) test.lives[0]!.hooks.report.processed(1, `asset ${n}`);
    await test.clock.advance(999);
    expect(test.published).toHaveLength(before);
    await test.clock.advance(1);
    expect(test.published).toHaveLength(before + 1);
    expect(test.published.at(-1)).toMatchObject({ processed: 100, lastActivity: 'asset 99' });
  });

  it('keeps a history of ten minutes', async () => {
    const test = setUp();
    await running(test);
    test.lives[0]!.hooks.report.processed(3);
    await test.clock.advance(10_000);
    test.lives[0]!.hooks.report.failed(new Error('bad one'));
    const { history, ratePerMinute, failed } = test.runner.snapshot();
    expect(history).toHaveLength(60);
    expect(history.slice(-2)).toEqual([
      { processed: 3, failed: 0, state: 'running' },
      { processed: 0, failed: 1, state: 'running' },
    ]);
    expect(ratePerMinute).toBeGreaterThan(0);
    expect(failed).toBe(1);
    await test.clock.advance(600_000);
    expect(test.runner.snapshot().history.every((interval) => interval.processed === 0)).toBe(true);
  });

  it('shuts down within the deadline', async () => {
    const test = setUp();
    await running(test);
    await test.runner.shutDown();
    expect(test.lives[0]!.stopped).toBe(true);
  });
});
