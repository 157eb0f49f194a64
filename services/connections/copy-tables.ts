import { createHash } from 'node:crypto';
import { FieldlineError, isFieldlineError } from '@/lib/errors';
import type { JsonDocument, Tables } from '@/lib/ports';
import type { StepContext } from './job-board';

/** Rows of a page: some hundred KiB. */
const PAGE_ROWS = 500;

interface Parties {
  from: Tables;
  to: Tables;
}

/** Makes a table of `to` hold the rows that it holds in `from`, no more and no fewer. Resolves with `skipped` when there was nothing to do. */
export async function copyTable({ from, to }: Parties, table: string, { tell, signal }: StepContext) {
  await to.ensureTable(table);
  let rows = 0;
  let changed = 0;
  const ids = new Set<string>();
  for await (const page of pagesOf(from, table)) {
    signal.throwIfAborted();
    const there = new Map(
      (
        await to.getMany(
          table,
          page.map(({ _id }) => _id),
        )
      ).map((row) => [row._id, digestOf(row)]),
    );
    const differing = page.filter((row) => there.get(row._id) !== digestOf(row));
    if (differing.length > 0) await to.putMany(table, differing);
    changed += differing.length;
    rows += page.length;
    for (const { _id } of page) ids.add(_id);
    tell(`${rows} rows`);
  }
  let gone = 0;
  for await (const page of pagesOf(to, table))
    for (const { _id } of page)
      if (!ids.has(_id)) {
        await to.delete(table, _id);
        gone += 1;
      }
  tell(`${rows} rows; ${changed} brought${gone > 0 ? `, ${gone} removed` : ''}`);
  return changed + gone === 0 ? 'skipped' : 'done';
}

/** Fails with DIGEST_MISMATCH where the table of `to` is not what it is in `from`. Resolves with its rows. */
export async function verifyTable({ from, to }: Parties, table: string): Promise<number> {
  const [one, other] = await Promise.all([digestOfAll(from, table), digestOfAll(to, table)]);
  if (one.digest !== other.digest)
    throw new FieldlineError(
      'DIGEST_MISMATCH',
      `The table ${table} is not the same: ${one.rows} rows and ${other.rows}`,
    );
  return one.rows;
}

async function digestOfAll(tables: Tables, table: string): Promise<{ rows: number; digest: string }> {
  const hash = createHash('sha256');
  let rows = 0;
  for await (const page of pagesOf(tables, table)) {
    for (const row of page) hash.update(digestOf(row));
    rows += page.length;
  }
  return { rows, digest: hash.digest('hex') };
}

/** By id. A table that is not there has none. */
async function* pagesOf(tables: Tables, table: string): AsyncGenerator<JsonDocument[]> {
  for (let after: string | null = null; ; ) {
    let page: JsonDocument[];
    try {
      page = await tables.find(table, {
        ...(after !== null && { condition: { $gt: { _id: after } } }),
        orderBy: [{ field: '_id', direction: 'asc' }],
        limit: PAGE_ROWS,
      });
    } catch (error) {
      if (isFieldlineError(error, 'NOT_FOUND')) return;
      throw error;
    }
    if (page.length > 0) yield page;
    if (page.length < PAGE_ROWS) return;
    after = page.at(-1)!._id;
  }
}

/** Of a row, whatever order its fields came in. */
const digestOf = (row: JsonDocument): string =>
  createHash('sha256')
    .update(JSON.stringify(sorted(row)))
    .digest('hex');

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, member]) => [key, sorted(member)]),
  );
}
