import { FieldlineError } from '@/lib/errors';
import {
  buildProjection,
  type ConditionNode,
  type OjaiMap,
  type OrderTerm,
  type Projection,
  parseCondition,
  parseCount,
  parseFields,
  parseJson,
  parseOrderByText,
  parseQuery,
  project,
  stringifyValue,
} from '@/lib/ojai';
import type { FindParameters } from '../types';
import { isSpecial } from './special';

/** A find with everything parsed. */
export interface ParsedFind {
  condition: ConditionNode | undefined;
  projection: Projection | undefined;
  fromId: string | undefined;
  toId: string | undefined;
  orderBy: OrderTerm[];
  offset: number;
  limit: number | null;
  withTags: boolean;
}

/** Fails with REQUEST_INVALID or CONDITION_INVALID. Conditions of both forms are and-ed; of the rest a parameter wins over the query. */
export function parseFind(parameters: FindParameters): ParsedFind {
  const { condition, fields, fromId, toId, limit, offset, orderBy, query: queryText, withTags } = parameters;
  const query = queryText === undefined ? {} : parseQuery(parseJson(queryText, 'The query', 'REQUEST_INVALID'));
  const conditions = [query.condition, condition === undefined ? undefined : conditionOf(condition)].filter(
    (node) => node !== undefined,
  );
  const fieldPaths = fields ? parseFields(fields.split(',').map((field) => field.trim())) : query.fields;
  return {
    condition: conditions.length > 1 ? { kind: 'and', children: conditions } : conditions[0],
    projection: fieldPaths && buildProjection(fieldPaths),
    fromId: checkedBound(fromId, 'fromId'),
    toId: checkedBound(toId, 'toId'),
    orderBy: orderBy ? parseOrderByText(orderBy) : (query.orderBy ?? []),
    offset: offset === undefined ? (query.offset ?? 0) : parseCount(offset, 'offset'),
    limit: limit === undefined ? (query.limit ?? null) : parseCount(limit, 'limit'),
    withTags,
  };
}

export function conditionOf(text: string): ConditionNode {
  return parseCondition(parseJson(text, 'The condition', 'CONDITION_INVALID'));
}

function checkedBound(id: string | undefined, name: string): string | undefined {
  if (id?.includes('\0')) throw new FieldlineError('REQUEST_INVALID', `${name} holds a NUL character`);
  return id;
}

/** A stored document as the client is to get it. Most are given as they are stored, unparsed. */
export function present(text: string, special: boolean, projection: Projection | undefined, withTags: boolean): string {
  if (!projection && !special) return text;
  const document = JSON.parse(text) as OjaiMap;
  const shown = projection ? project(document, projection) : document;
  return special ? stringifyValue(shown, withTags) : JSON.stringify(shown);
}

/** As `present`, where it is not known whether the document is special. */
export function presentUnknown(text: string, projection: Projection | undefined, withTags: boolean): string {
  const document = JSON.parse(text) as OjaiMap;
  return present(text, isSpecial(document, text), projection, withTags);
}
