/** Brings what happened at the doors of HQ's fabric (edges refused, let in, turned out) into the audit log: one place tells of all. */
import { z } from 'zod';
import type { AuditEntry } from '@/lib/api/access-schemas';
import type { Clock } from '@/lib/clock/clock';
import type { DoorEvent, EdgeAccess } from '@/lib/ports';
import { RecordFile } from '../record-file';

const INTERVAL_MS = 2000;
/** Invitations and revocations are calls of the web API, which notes them with the person's name. */
const NOTED_ELSEWHERE: ReadonlySet<DoorEvent['kind']> = new Set(['invited', 'revoked']);
const RESULT_OF: Partial<Record<DoorEvent['kind'], AuditEntry['result']>> = { enrolled: 'done' };

const CursorSchema = z.object({ run: z.string(), seq: z.number() });

export interface DoorEventsOptions {
  /** Remembers what has been noted, over restarts. */
  cursorFile: string;
  /** HQ's doors as they are now: a site may be moved. Null where none asks who comes. */
  doors: () => Pick<EdgeAccess, 'events'> | null;
  write: (entry: AuditEntry) => Promise<void>;
  clock: Clock;
  signal: AbortSignal;
}

/**
 * Runs until the signal aborts. An event is noted before the cursor moves, so that a crash between the two notes it twice rather than
 * never. A fabric that does not answer is asked again: it keeps its last events.
 */
export async function followDoorEvents(options: DoorEventsOptions): Promise<void> {
  const { doors, write, clock, signal } = options;
  const cursor = await RecordFile.open(options.cursorFile, CursorSchema);
  while (!signal.aborted) {
    // Whatever ails the fabric, its watch says so.
    const events =
      (await doors()
        ?.events(cursor.records[0])
        .catch(() => [])) ?? [];
    for (const event of events) if (!NOTED_ELSEWHERE.has(event.kind)) await write(entryOf(event));
    const last = events.at(-1);
    // On a full disk the cursor is right until the next start at least.
    if (last) await cursor.setFirst([{ run: last.run, seq: last.seq }]).catch(() => undefined);
    await clock.sleep(INTERVAL_MS, signal).catch(() => undefined);
  }
}

function entryOf({ at, kind, principal, address, door, what, count }: DoorEvent): AuditEntry {
  return {
    at: new Date(at).toISOString(),
    who: { id: principal, name: principal, via: `${door} door` },
    from: address,
    what: `door: ${kind}`,
    target: { site: 'hq', ...(count > 1 ? { times: String(count) } : {}) },
    result: RESULT_OF[kind] ?? 'refused',
    detail: what,
  };
}
