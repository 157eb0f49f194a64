import { describe, expect, it } from 'vitest';
import { Direction, type DirectionFacts } from './direction';

const TRACE = 'org.apache.kafka.common.errors.RecordTooLargeException: The message is too large\n\tat a.B';
const ends = (end: number) => ({ value: new Map([['m.replicated.T/0', { low: 0, end }]]) });
const connector = (state: string, ...tasks: { state: string; trace?: string }[]) => ({
  value: { connector: { state }, tasks: tasks.map((task, id) => ({ id, ...task })) },
});
const WORKS: DirectionFacts = {
  connector: connector('RUNNING', { state: 'RUNNING' }),
  carried: { value: [] },
  source: ends(0),
  target: { value: new Map() },
};
const away = (error: string, refused = false) => ({ error, refused });

describe('the state of a direction', () => {
  it.each<[string, Partial<DirectionFacts>, string, RegExp | null]>([
    ['all runs', {}, 'up', null],
    ['nothing is there to carry', { connector: connector('RUNNING'), source: { value: new Map() } }, 'up', null],
    ['it is paused', { connector: connector('PAUSED', { state: 'PAUSED' }), source: away('x') }, 'paused', null],
    ['a task still runs', { connector: connector('PAUSED', { state: 'RUNNING' }) }, 'connecting', null],
    ['a task starts', { connector: connector('RUNNING', { state: 'UNASSIGNED' }) }, 'connecting', null],
    ['a task failed', { connector: connector('RUNNING', { state: 'FAILED', trace: TRACE }) }, 'failed', /too large/],
    ['there is no connector', { connector: { value: null } }, 'connecting', /being made/],
    [
      'HQ refuses us before there is a connector',
      { connector: { value: null }, source: away("HQ's Kafka: credentials", true) },
      'failed',
      /credentials/,
    ],
    ['Connect is away', { connector: away('Kafka Connect: refused') }, 'down', /Kafka Connect/],
    ['Connect refuses us', { connector: away('Kafka Connect: no', true) }, 'failed', /Kafka Connect/],
    ['HQ is away', { source: away("HQ's Kafka: refused") }, 'down', /HQ's Kafka/],
    ['HQ refuses us', { source: away("HQ's Kafka: credentials", true) }, 'failed', /credentials/],
  ])('when %s', (_name, facts, state, words) => {
    const { state: told, lastError } = new Direction(['m.replicated.T'], []).observe({ ...WORKS, ...facts }, 1000);
    expect(told).toBe(state);
    expect(lastError ?? '').toMatch(words ?? /^$/);
  });

  it('says after a while that MirrorMaker does not begin', () => {
    const direction = new Direction(['m.replicated.T'], []);
    const facts = { ...WORKS, connector: connector('RUNNING'), source: ends(1) };
    expect(direction.observe(facts, 1000)).toMatchObject({ state: 'connecting', lastError: null });
    expect(direction.observe(facts, 90_000)).toMatchObject({ state: 'connecting', lastErrorAt: 90_000 });
  });

  it('says after a while that it runs and carries nothing, and not while it moves or rests', () => {
    const direction = new Direction(['m.replicated.T'], []);
    const carried = (offset: number) => ({ value: [{ topic: 'm.replicated.T', partition: 0, offset }] });
    const at = (now: number, facts: Partial<DirectionFacts>) =>
      direction.observe({ ...WORKS, source: ends(9), ...facts }, now);
    const paused = { connector: connector('PAUSED', { state: 'PAUSED' }) };
    expect(at(0, {})).toMatchObject({ state: 'up', lagRecords: 9 });
    expect(at(140_000, { carried: carried(3) })).toMatchObject({ state: 'up', lagRecords: 5 });
    expect(at(280_000, paused).state).toBe('paused');
    expect(at(420_000, {})).toMatchObject({ state: 'up', lastError: null });
    expect(at(600_000, {})).toMatchObject({ state: 'connecting', lastErrorAt: 600_000 });
    expect(at(610_000, {}).lastError).toMatch(/carries nothing.*describe the topics and their configuration/);
    expect(at(620_000, { carried: carried(8) })).toMatchObject({ state: 'up', lastError: null });
    expect(at(900_000, { carried: carried(8) })).toMatchObject({ state: 'up', lastError: null });
  });

  it('tells since when something is wrong', () => {
    const direction = new Direction(['m.replicated.T'], []);
    const facts = { ...WORKS, target: away('down') };
    direction.observe(facts, 1000);
    expect(direction.observe(facts, 5000).lastErrorAt).toBe(1000);
    expect(direction.observe(WORKS, 6000)).toMatchObject({ lastError: null, lastErrorAt: null });
    expect(direction.observe(facts, 7000).lastErrorAt).toBe(7000);
  });
});

describe('the lag of a direction', () => {
  it('is what the source has more than is carried, and unknown while an end can not be asked', () => {
    const direction = new Direction(['m.replicated.T'], []);
    expect(direction.observe({ ...WORKS, source: ends(5) }, 1000)).toMatchObject({ lagRecords: 5, lagBytes: null });
    const facts = { ...WORKS, source: ends(5), target: ends(3) };
    expect(direction.observe(facts, 3000)).toMatchObject({ lagRecords: 2, lagMs: 2000, recordsTotal: 3 });
    expect(direction.positions).toEqual([{ topic: 'm.replicated.T', partition: 0, offset: 3 }]);
    expect(direction.observe({ ...facts, source: away('x') }, 4000)).toMatchObject({ lagRecords: null, lagMs: null });
    // What Connect said last counts while it says nothing.
    const written = { value: [{ topic: 'm.replicated.T', partition: 0, offset: 4 }] };
    expect(direction.observe({ ...facts, carried: written }, 5000)).toMatchObject({ lagRecords: 0, lagBytes: 0 });
    expect(direction.observe({ ...facts, carried: away('x') }, 6000)).toMatchObject({ lagRecords: 0 });
  });

  it('is that of its own topics, though the source has those of the other direction', () => {
    const direction = new Direction(['m.replicated.T'], []);
    const source = { value: new Map([['m.replicated.OTHER/0', { low: 0, end: 3 }]]) };
    const idle = { ...WORKS, connector: connector('RUNNING'), source };
    expect(direction.observe(idle, 1000)).toMatchObject({ state: 'up', lagRecords: 0, recordsTotal: 0 });
    expect(direction.positions).toEqual([]);
  });
});
