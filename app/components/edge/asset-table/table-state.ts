/** Filter and sort of the asset table, kept in the URL. */
import type { SortingState } from '@tanstack/react-table';
import { parseAsArrayOf, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { EDGE_STATUSES } from '@/lib/domain/status';

export const SORTS = ['newest', 'oldest', 'title', '-title', 'bytes', '-bytes', 'status', '-status'] as const;
export type Sort = (typeof SORTS)[number];

const SORTING: Record<Sort, SortingState> = {
  newest: [{ id: 'age', desc: true }],
  oldest: [{ id: 'age', desc: false }],
  title: [{ id: 'title', desc: false }],
  '-title': [{ id: 'title', desc: true }],
  bytes: [{ id: 'bytes', desc: false }],
  '-bytes': [{ id: 'bytes', desc: true }],
  status: [{ id: 'status', desc: false }],
  '-status': [{ id: 'status', desc: true }],
};
export const sortingOf = (sort: Sort): SortingState => SORTING[sort];

/** The two sorts of a column, first click first. */
export const COLUMN_SORTS: Record<string, readonly [Sort, Sort]> = {
  age: ['newest', 'oldest'],
  title: ['title', '-title'],
  bytes: ['-bytes', 'bytes'],
  status: ['status', '-status'],
};
export const nextSort = (column: string, current: Sort): Sort => {
  const [first, second] = COLUMN_SORTS[column] ?? ['newest', 'oldest'];
  return current === first ? second : first;
};

/** Typing writes the URL at most this often. */
const URL_THROTTLE_MS = 200;

export const useTableState = () =>
  useQueryStates(
    {
      q: parseAsString.withDefault(''),
      status: parseAsArrayOf(parseAsStringLiteral(EDGE_STATUSES)).withDefault([]),
      sort: parseAsStringLiteral(SORTS).withDefault('newest'),
    },
    { throttleMs: URL_THROTTLE_MS },
  );
