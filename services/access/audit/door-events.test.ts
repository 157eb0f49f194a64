import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { AuditEntry } from '@/lib/api/access-schemas';
import { systemClock } from '@/lib/clock/clock';
import type { DoorEvent } from '@/lib/ports';
import { followDoorEvents } from './door-events';

const event = (seq: number, change: Partial<DoorEvent> = {}): DoorEvent => ({
  seq,
  run: 'one',
  at: 1_700_000_000_000 + seq,
  kind: 'refused',
  principal: 'alpha',
  address: '10.0.0.7',
  door: 'kafka',
  what: 'write the topic missionx.replicated.ASSET_REQUEST.bravo',
  count: 1,
  ...change,
});

/** A fabric that answers as the port says, and what is noted of it. */
function double(kept: DoorEvent[]) {
  const cursorFile = path.join(mkdtempSync(path.join(tmpdir(), 'fieldline-door-events-')), 'cursor.json');
  const noted: AuditEntry[] = [];
  let rounds = 0;
  return {
    kept,
    noted,
    /** Follows for so many rounds, as one start of the app. */
    async follow(until: number) {
      rounds = 0;
      const abort = new AbortController();
      await followDoorEvents({
        cursorFile,
        doors: () => ({
          events: async (after) => {
            if (++rounds >= until) abort.abort();
            return kept.filter((one) => !after || after.run !== one.run || one.seq > after.seq);
          },
        }),
        write: async (entry) => void noted.push(entry),
        clock: { ...systemClock, sleep: async () => undefined },
        signal: abort.signal,
      });
    },
  };
}

it('notes who was refused at a door, for what and how often, once', async () => {
  const fabric = double([event(1), event(2, { count: 7 })]);
  await fabric.follow(3);
  expect(fabric.noted).toHaveLength(2);
  expect(fabric.noted[1]).toMatchObject({
    who: { id: 'alpha', via: 'kafka door' },
    from: '10.0.0.7',
    what: 'door: refused',
    result: 'refused',
    target: { times: '7' },
    detail: 'write the topic missionx.replicated.ASSET_REQUEST.bravo',
  });
});

it('goes on after a restart of the app, and begins anew with a fabric that did', async () => {
  const fabric = double([event(1)]);
  await fabric.follow(1);
  fabric.kept.push(event(2, { kind: 'enrolled' }));
  await fabric.follow(1);
  expect(fabric.noted.map(({ what, result }) => [what, result])).toEqual([
    ['door: refused', 'refused'],
    ['door: enrolled', 'done'],
  ]);
  fabric.kept.splice(0, 2, event(1, { run: 'two' }));
  await fabric.follow(2);
  expect(fabric.noted).toHaveLength(3);
});

it('leaves out what a person did by the web API, which has the name', async () => {
  const fabric = double([event(1, { kind: 'invited' }), event(2, { kind: 'revoked' })]);
  await fabric.follow(1);
  expect(fabric.noted).toEqual([]);
});
