/** The indexes that the services' questions need, by table. Other questions are answered too, by reading more rows. */
import { TABLES } from '@/lib/domain/naming';
import { type Path, parsePath } from '@/lib/ojai';
import { fieldSql, orderSql } from './fields';

export interface IndexPlan {
  /** Fields asked for by their value. */
  equal: readonly string[];
  /** Fields that pages are ordered by, with `_id` behind. */
  ordered: readonly string[];
  /** All of them: their values must fit into an index. */
  paths: readonly Path[];
}

function plan(equal: readonly string[], ordered: readonly string[]): IndexPlan {
  return { equal, ordered, paths: [...new Set([...equal, ...ordered])].map((field) => parsePath(field)) };
}

const NONE = plan([], []);
/** New fields go with a new migration (migrations.ts): tables that exist have the indexes of the day they were made. */
const PLANS: Readonly<Record<string, IndexPlan>> = {
  [TABLES.assets]: plan(['status', 'outbox', 'requestId', 'described', 'receiptDue'], ['createdAt']),
  [TABLES.requests]: plan(['status', 'assetId', 'edge'], ['createdAt']),
  [TABLES.deadLetters]: plan([], ['at']),
};

export const indexPlanOf = (table: string): IndexPlan => (Object.hasOwn(PLANS, table) ? PLANS[table]! : NONE);

/** CREATE INDEX statements for a table (quoted, with its schema). */
export function indexStatements(table: string, qualified: string): string[] {
  const { equal, ordered } = indexPlanOf(table);
  return [
    ...equal.map((field) => `CREATE INDEX ON ${qualified} ((${fieldSql(parsePath(field))!.json}))`),
    ...ordered.map((field) => {
      const keys = orderSql(fieldSql(parsePath(field))!).map((key) => `(${key})`);
      return `CREATE INDEX ON ${qualified} (${[...keys, 'id'].join(', ')})`;
    }),
    // Nearly always empty: finds ask whether there are any.
    `CREATE INDEX ON ${qualified} (id) WHERE raw IS NOT NULL`,
  ];
}
