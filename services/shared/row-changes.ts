import { FieldlineError } from '@/lib/errors';
import type { JsonDocument, Tables, UpdateOutcome } from '@/lib/ports';
import { changeOf } from '../rows';
import { instruments } from '../telemetry/instruments';

/** A row that others keep changing under our hand is tried this often. */
const CHANGE_ATTEMPTS_MAX = 8;

interface Row {
  _id: string;
  rev: number;
}

/**
 * Changes one row as read-decide-write: `decide` sees the row as it is and gives the fields to change, or null to leave it. When somebody
 * else was faster it is asked again. Returns the row as it is now, and null when it is missing or `decide` left it.
 * Fails with CONFLICT when the row does not hold still.
 */
export async function changeRow<R extends Row>(
  tables: Tables,
  table: string,
  id: string,
  parse: (document: JsonDocument) => R,
  decide: (row: R) => Partial<Omit<R, '_id' | 'rev'>> | null,
): Promise<R | null> {
  for (let attempt = 0; attempt < CHANGE_ATTEMPTS_MAX; attempt++) {
    const document = await tables.get(table, id);
    if (!document) return null;
    const row = parse(document);
    const patch = decide(row);
    if (patch === null) return null;
    const { mutation, condition } = changeOf(row, patch);
    const outcome = await tables.update(table, id, mutation, condition);
    if (outcome === 'updated') return { ...row, ...patch, rev: row.rev + 1 };
    countLost(table, [outcome]);
  }
  throw new FieldlineError('CONFLICT', `The row ${id} of ${table} keeps changing`, { retriable: true });
}

/**
 * Changes rows that were just read, all in one call. Returns those that changed, as they are now; a row that moved meanwhile is left out
 * and met again by whoever looks for it in the next round.
 */
export async function changeRows<R extends Row>(
  tables: Tables,
  table: string,
  changes: readonly { row: R; patch: Partial<Omit<R, '_id' | 'rev'>> }[],
): Promise<R[]> {
  if (changes.length === 0) return [];
  const outcomes = await tables.updateMany(
    table,
    changes.map(({ row, patch }) => changeOf(row, patch)),
  );
  countLost(table, outcomes);
  return changes
    .filter((_, index) => outcomes[index] === 'updated')
    .map(({ row, patch }) => ({ ...row, ...patch, rev: row.rev + 1 }));
}

function countLost(table: string, outcomes: readonly UpdateOutcome[]): void {
  const lost = outcomes.filter((outcome) => outcome === 'unmatched').length;
  if (lost > 0) instruments().rowChangesLost.inc({ table }, lost);
}
