/** Finds that SQL alone can not answer: it names the candidates, lib/ojai judges and orders them. */
import { type ConditionNode, compareDocuments, matchesCondition, type OjaiDocument, type OrderTerm } from '@/lib/ojai';
import type { CompiledCondition } from './compile';
import type { Database } from './database';
import { decode, type StoredRow } from './stored';

/** Rows in memory at once, besides those that are in the answer. */
const FETCH_ROWS = 500;
/** Of answers that are cut to a page: this many times the page is held before the rest is dropped. */
const HELD_PAGES_MAX = 4;
const HELD_ROWS_MIN = 2_000;

export interface Scan {
  qualified: string;
  compiled: CompiledCondition;
  node: ConditionNode | undefined;
  orderBy: readonly OrderTerm[];
  /** Documents from the beginning of the order that are wanted; undefined: all. */
  wanted: number | undefined;
}

/** The first `wanted` documents that meet the condition, in order. */
export async function scanSorted(database: Database, scan: Scan): Promise<OjaiDocument[]> {
  const compare = compareDocuments(scan.orderBy);
  const heldMax = scan.wanted === undefined ? undefined : Math.max(HELD_ROWS_MIN, scan.wanted * HELD_PAGES_MAX);
  let held: OjaiDocument[] = [];
  await visit(database, scan, (document) => {
    held.push(document);
    if (heldMax !== undefined && held.length > heldMax) held = held.sort(compare).slice(0, scan.wanted);
  });
  return held.sort(compare).slice(0, scan.wanted);
}

export async function scanCount(database: Database, scan: Omit<Scan, 'orderBy' | 'wanted'>): Promise<number> {
  let count = 0;
  await visit(database, scan, () => {
    count++;
  });
  return count;
}

async function visit(
  database: Database,
  { qualified, compiled, node }: Pick<Scan, 'qualified' | 'compiled' | 'node'>,
  each: (document: OjaiDocument) => void,
): Promise<void> {
  // A cursor reads one snapshot in portions. Read-only, hence never done twice for a conflict.
  await database.transaction(
    'Searching',
    async (query) => {
      const sql = `SELECT id, doc, raw FROM ${qualified} WHERE ${compiled.sql} OR raw IS NOT NULL`;
      await query(`DECLARE candidates NO SCROLL CURSOR FOR ${sql}`, compiled.parameters);
      for (let more = true; more; ) {
        const rows = await query<StoredRow>(`FETCH ${FETCH_ROWS} FROM candidates`);
        more = rows.length === FETCH_ROWS;
        for (const row of rows) {
          const document = decode(row);
          if (!node || matchesCondition(node, document)) each(document);
        }
      }
    },
    'BEGIN READ ONLY',
  );
}
