/** The table's model: columns, filters, sorts. TanStack Table filters and sorts; it draws nothing. */
import {
  columnFilteringFeature,
  createColumnHelper,
  createFilteredRowModel,
  createSortedRowModel,
  rowSortingFeature,
  tableFeatures,
} from '@tanstack/react-table';
import type { AssetSummary } from '@/lib/api/schemas';
import { EDGE_STATUSES, type EdgeStatus } from '@/lib/domain/status';

/** Every word of the search is in the title, a keyword, the feed or the id. */
export function matchesSearch(asset: AssetSummary, search: string): boolean {
  const text = `${asset.title} ${asset.keywords.join(' ')} ${asset.feed} ${asset.id}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** What the page holds, and what a search at the server found besides; a row that is held is the younger one. */
export function withFound(held: AssetSummary[], found: readonly AssetSummary[] | undefined): AssetSummary[] {
  if (!found || found.length === 0) return held;
  const ids = new Set(held.map(({ id }) => id));
  const older = found.filter(({ id }) => !ids.has(id));
  return older.length === 0 ? held : [...held, ...older];
}

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
/** A stable order among equals, whatever the column. */
const byId = (a: AssetSummary, b: AssetSummary) => compareText(a.id, b.id);
const titles = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
const statusRank = (status: string) => EDGE_STATUSES.indexOf(status as EdgeStatus);

export const features = tableFeatures({
  columnFilteringFeature,
  rowSortingFeature,
  filteredRowModel: createFilteredRowModel(),
  sortedRowModel: createSortedRowModel(),
});

const helper = createColumnHelper<typeof features, AssetSummary>();

export const columns = helper.columns([
  helper.accessor('title', {
    header: 'Asset',
    filterFn: (row, _column, search: string) => matchesSearch(row.original, search),
    sortFn: (a, b) => titles.compare(a.original.title, b.original.title) || byId(a.original, b.original),
  }),
  helper.accessor('bytes', {
    header: 'Size',
    sortFn: (a, b) => (a.original.bytes ?? -1) - (b.original.bytes ?? -1) || byId(a.original, b.original),
  }),
  helper.accessor('createdAt', {
    id: 'age',
    header: 'Age',
    sortFn: (a, b) => compareText(a.original.createdAt, b.original.createdAt) || byId(a.original, b.original),
  }),
  helper.accessor('status', {
    header: 'Status',
    filterFn: (row, _column, wanted: readonly string[]) => wanted.includes(row.original.status),
    sortFn: (a, b) => statusRank(a.original.status) - statusRank(b.original.status) || byId(a.original, b.original),
  }),
]);

/** The filters of the model, from what the URL holds. */
export const columnFilters = (search: string, statuses: readonly string[]) => [
  ...(search.trim() === '' ? [] : [{ id: 'title', value: search.trim() }]),
  ...(statuses.length === 0 ? [] : [{ id: 'status', value: statuses }]),
];
