import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { aService, aSite } from '../testing/fixtures';
import { BATCH_EVENTS_MAX, connectEvents, type EventSourceLike, type StreamEvent, type StreamState } from './stream';

class FakeSource implements EventSourceLike {
  static opened: FakeSource[] = [];
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  closed = false;
  readonly #listeners = new Map<string, (event: MessageEvent<string>) => void>();
  constructor(readonly url: string) {
    FakeSource.opened.push(this);
  }
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void) {
    this.#listeners.set(type, listener);
  }
  close() {
    this.closed = true;
  }
  send(type: string, payload: unknown, id = '') {
    this.#listeners.get(type)?.(new MessageEvent(type, { data: JSON.stringify(payload), lastEventId: id }));
  }
}
const latest = () => FakeSource.opened.at(-1) as FakeSource;

let batches: StreamEvent[][];
let states: StreamState[];
let overflows: number;
let stop: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  FakeSource.opened = [];
  batches = [];
  states = [];
  overflows = 0;
  stop = connectEvents({
    url: '/api/events',
    onBatch: (events) => batches.push(events),
    onOverflow: () => {
      overflows += 1;
    },
    onState: (state) => states.push(state),
    open: (url) => new FakeSource(url),
  });
});
afterEach(() => {
  stop();
  vi.useRealTimers();
});

describe('the event stream', () => {
  it('hands events over in batches, in order', () => {
    latest().send('site', aSite('hq'));
    latest().send('service', aService('downloader', 'hq'));
    expect(batches).toHaveLength(0);
    vi.runOnlyPendingTimers();
    expect(batches.map((batch) => batch.map((event) => event.name))).toEqual([['site', 'service']]);
  });

  it('says when it is live and when it is lost', () => {
    latest().onopen?.();
    latest().onerror?.();
    expect(states.map((state) => state.status)).toEqual(['connecting', 'live', 'lost']);
  });

  it('reconnects with the id of the last event', () => {
    latest().send('site', aSite('hq'), 'e/7');
    const first = latest();
    first.onerror?.();
    expect(first.closed).toBe(true);
    vi.runOnlyPendingTimers();
    expect(FakeSource.opened.map((source) => source.url)).toEqual(['/api/events', '/api/events?lastEventId=e%2F7']);
  });

  it('keeps the beginning of a loss over several attempts, and forgets it when live again', () => {
    latest().onerror?.();
    vi.runOnlyPendingTimers();
    latest().onerror?.();
    const [first, second] = states.filter((state) => state.status === 'lost');
    expect(second).toMatchObject({ since: first?.since, attempts: 2 });
    vi.runOnlyPendingTimers();
    latest().onopen?.();
    latest().onerror?.();
    expect(states.at(-1)).toMatchObject({ status: 'lost', attempts: 1 });
  });

  it('waits from half a second to ten between its attempts, less a fifth at most', () => {
    for (let n = 0; n < 8; n++) {
      latest().onerror?.();
      const lost = states.at(-1);
      const waitMs = lost?.status === 'lost' ? lost.nextAttemptAt - Date.now() : 0;
      const full = [500, 1000, 2000, 4000, 8000][n] ?? 10_000;
      expect(waitMs).toBeGreaterThanOrEqual(full * 0.8);
      expect(waitMs).toBeLessThanOrEqual(full);
      vi.runOnlyPendingTimers();
    }
  });

  it('drops what is more than a batch holds, and says so', () => {
    for (let n = 0; n < BATCH_EVENTS_MAX + 3; n += 1) latest().send('site', aSite('hq'));
    vi.runOnlyPendingTimers();
    expect(batches[0]).toHaveLength(BATCH_EVENTS_MAX);
    expect(overflows).toBe(1);
  });

  it('stays closed once stopped', () => {
    latest().onerror?.();
    stop();
    vi.runAllTimers();
    expect(FakeSource.opened).toHaveLength(1);
  });
});
