/** OJAI queries as JSON, `{"$select","$where","$orderby","$offset","$limit"}` (HPE documentation "OJAI Query Syntax"), and their parts as REST parameters. */
import { FieldlineError } from '@/lib/errors';
import { compareStrings, orderValues } from './compare';
import { type ConditionNode, parseCondition } from './condition';
import { type Path, parsePath } from './path';
import { valueAt } from './resolve';
import type { OjaiMap } from './values';

export interface OrderTerm {
  path: Path;
  descending: boolean;
}
/** A query, parsed; undefined parts: everything, in the order of `_id`. */
export interface Query {
  fields?: Path[];
  condition?: ConditionNode;
  orderBy?: OrderTerm[];
  offset?: number;
  limit?: number;
}

const FIELDS_MAX = 200;
const ORDER_TERMS_MAX = 16;
const KEYS = ['$select', '$where', '$orderby', '$offset', '$limit', '$options'];

const fail = (message: string): never => {
  throw new FieldlineError('REQUEST_INVALID', message);
};

/** Fails with REQUEST_INVALID or CONDITION_INVALID. `$options` are hints to a cluster's planner and change no result here. */
export function parseQuery(json: unknown): Query {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return fail('A query is an object');
  const query = json as Record<string, unknown>;
  for (const key of Object.keys(query))
    if (!KEYS.includes(key)) fail(`A query has no key ${JSON.stringify(key)}; it has ${KEYS.join(', ')}`);
  return {
    fields: query.$select === undefined ? undefined : parseFields(query.$select),
    condition: query.$where === undefined ? undefined : parseCondition(query.$where),
    orderBy: query.$orderby === undefined ? undefined : parseOrderBy(query.$orderby),
    offset: query.$offset === undefined ? undefined : parseCount(query.$offset, '$offset'),
    limit: query.$limit === undefined ? undefined : parseCount(query.$limit, '$limit'),
  };
}

/** `"a"` or `["a", "b.c"]`. */
export function parseFields(json: unknown): Path[] {
  const list = Array.isArray(json) ? json : [json];
  if (list.length > FIELDS_MAX) fail(`More than ${FIELDS_MAX} fields are asked for`);
  return list.map((field) => parsePath(field));
}

/** `"f"`, `{"f":"desc"}`, or an array of such. */
export function parseOrderBy(json: unknown): OrderTerm[] {
  const terms = (Array.isArray(json) ? json : [json]).flatMap((item: unknown): OrderTerm[] => {
    if (typeof item === 'string') return [{ path: orderPath(item), descending: false }];
    if (typeof item !== 'object' || item === null) return fail('An order is "field" or {"field": "asc" or "desc"}');
    return Object.entries(item).map(([field, direction]) => ({
      path: orderPath(field),
      descending: isDescending(direction),
    }));
  });
  if (terms.length > ORDER_TERMS_MAX) fail(`More than ${ORDER_TERMS_MAX} fields to order by`);
  return terms;
}

/** The REST form, `field[:asc|desc],...`. */
export function parseOrderByText(text: string): OrderTerm[] {
  return parseOrderBy(
    text.split(',').map((item) => {
      const match = /^(.*):(asc|desc)$/i.exec(item.trim());
      return match ? { [match[1]!]: match[2] } : item.trim();
    }),
  );
}

/** A non-negative integer, as a number or its digits. */
export function parseCount(value: unknown, name: string): number {
  const count = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0
    ? count
    : fail(`${name} is a whole number from 0, not ${JSON.stringify(value)}`);
}

/** The order of two documents: by the terms, then by `_id`. */
export function compareDocuments(terms: readonly OrderTerm[]): (a: OjaiMap, b: OjaiMap) => number {
  return (a, b) => {
    for (const { path, descending } of terms) {
      const difference = orderValues(valueAt(a, path.segments), valueAt(b, path.segments));
      if (difference !== 0) return descending ? -difference : difference;
    }
    return compareStrings(String(a._id), String(b._id));
  };
}

function orderPath(text: string): Path {
  const path = parsePath(text);
  return path.container
    ? fail(`It can not be ordered by ${JSON.stringify(text)}: "[]" stands for several values`)
    : path;
}

function isDescending(direction: unknown): boolean {
  const word = String(direction).toLowerCase();
  return word === 'asc' || word === 'desc' ? word === 'desc' : fail('An order is "asc" or "desc"');
}
