/** How a page of assets is asked of the table: condition, order and cursor. Pure. */
import { z } from 'zod';
import type { AssetQuery } from '@/lib/api/schemas';
import type { SiteRole } from '@/lib/domain/services';
import { EDGE_STATUSES, HQ_STATUSES } from '@/lib/domain/status';
import { FieldlineError } from '@/lib/errors';
import type { Condition } from '@/lib/ojai/types';
import type { FindOptions, JsonDocument, JsonValue } from '@/lib/ports';

/** Words of a search that count; the rest of a longer one is ignored. */
export const SEARCH_WORDS_MAX = 8;

/** The field behind each order. `search` begins with the title in lower case. Only `file.bytes` may be missing. */
const ORDERS: Record<AssetQuery['sort'], { field: string; direction: 'asc' | 'desc' }> = {
  newest: { field: 'createdAt', direction: 'desc' },
  oldest: { field: 'createdAt', direction: 'asc' },
  title: { field: 'search', direction: 'asc' },
  bytes: { field: 'file.bytes', direction: 'asc' },
  '-bytes': { field: 'file.bytes', direction: 'desc' },
  status: { field: 'status', direction: 'asc' },
};

/** Where the next page begins: behind the last row of this one. A place in the order, not a count, so that new rows shift nothing. */
const Cursor = z.object({ sort: z.string(), key: z.union([z.string(), z.number(), z.null()]), id: z.string() });
type Cursor = z.infer<typeof Cursor>;

export const statusesOf = (role: SiteRole): readonly string[] => (role === 'hq' ? HQ_STATUSES : EDGE_STATUSES);

/** Which rows belong to the list, cursor aside; undefined: all. Fails with REQUEST_INVALID on a status that the site does not have. */
export function filterOf(role: SiteRole, query: Pick<AssetQuery, 'status' | 'q' | 'kind'>): Condition | undefined {
  const all: Condition[] = [];
  const statuses = (query.status ?? '').split(',').filter((word) => word !== '');
  for (const status of statuses) {
    if (!statusesOf(role).includes(status))
      throw new FieldlineError('REQUEST_INVALID', `There is no status "${status}" at this site`, {
        remedy: `One or several of ${statusesOf(role).join(', ')}, separated by commas`,
      });
  }
  if (statuses.length === 1) all.push({ $eq: { status: statuses[0]! } });
  if (statuses.length > 1) all.push({ $in: { status: statuses } });
  if (query.kind) all.push({ $eq: { 'asset.kind': query.kind } });
  for (const word of wordsOf(query.q)) all.push({ $like: { search: [`%${escapeLike(word)}%`, '\\'] } });
  return all.length > 1 ? { $and: all } : all[0];
}

const wordsOf = (q: string | undefined) =>
  (q ?? '')
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
    .slice(0, SEARCH_WORDS_MAX);

const escapeLike = (word: string) => word.replace(/[\\%_]/g, (special) => `\\${special}`);

/** What to ask the table for a page. One row more than the page says whether there is a next one. */
export function pageOf(role: SiteRole, query: AssetQuery): FindOptions {
  const { field, direction } = ORDERS[query.sort];
  const parts = [filterOf(role, query), query.cursor && behind(readCursor(query))].filter((part) => !!part);
  return {
    condition: parts.length > 1 ? { $and: parts as Condition[] } : (parts[0] as Condition | undefined),
    orderBy: [
      { field, direction },
      { field: '_id', direction },
    ],
    limit: query.limit + 1,
  };
}

/** The cursor of the page that ends with this row. */
export function cursorBehind(query: AssetQuery, row: JsonDocument): string {
  const key = valueAt(row, ORDERS[query.sort].field);
  const cursor: Cursor = { sort: query.sort, key: key === undefined ? null : (key as Cursor['key']), id: row._id };
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

function readCursor(query: AssetQuery): Cursor {
  const bad = () => new FieldlineError('REQUEST_INVALID', 'The cursor is not one that this list has given');
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(query.cursor ?? '', 'base64url').toString('utf8'));
  } catch {
    throw bad();
  }
  const parsed = Cursor.safeParse(json);
  if (!parsed.success || parsed.data.sort !== query.sort) throw bad();
  return parsed.data;
}

/** The rows behind a cursor. Rows without the field come first in ascending order and last in descending order. */
function behind(cursor: Cursor): Condition {
  const { field, direction } = ORDERS[cursor.sort as AssetQuery['sort']];
  const ascending = direction === 'asc';
  const laterId: Condition = ascending ? { $gt: { _id: cursor.id } } : { $lt: { _id: cursor.id } };
  if (cursor.key === null) {
    const rest: Condition = { $and: [{ $notexists: field }, laterId] };
    return ascending ? { $or: [{ $exists: field }, rest] } : rest;
  }
  const same: Condition = { $and: [{ $eq: { [field]: cursor.key } }, laterId] };
  if (ascending) return { $or: [{ $gt: { [field]: cursor.key } }, same] };
  const lower: Condition = { $lt: { [field]: cursor.key } };
  return field === 'file.bytes' ? { $or: [lower, same, { $notexists: field }] } : { $or: [lower, same] };
}

function valueAt(row: JsonDocument, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = row as unknown as JsonValue;
  for (const name of path.split('.')) {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
    value = value[name];
  }
  return value;
}
