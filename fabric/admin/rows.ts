/** The parameters that every list has: `filter`, `columns`, `start`, `limit`. */
import { invalid, type Parameters } from './parameters';

type Row = Record<string, unknown>;
const ROWS_MAX = 2_147_483_647;
/** Short names of columns, as the command line has them. */
const ALIASES: Record<string, string> = { n: 'volumename', p: 'mountdir' };

/** The rows asked for, and how many there are without paging. Fails with REQUEST_INVALID. */
export function selectRows(rows: readonly Row[], parameters: Parameters): { data: Row[]; total: number } {
  const matches = parseFilter(parameters.text('filter'));
  const columns = parameters
    .text('columns')
    ?.split(',')
    .map((column) => ALIASES[column.trim()] ?? column.trim());
  const start = parameters.integer('start', { min: 0, max: ROWS_MAX }) ?? 0;
  const limit = parameters.integer('limit', { min: 0, max: ROWS_MAX }) ?? ROWS_MAX;
  const found = rows.filter(matches);
  const data = found.slice(start, start + limit).map((row) => (columns ? project(row, columns) : row));
  return { data, total: found.length };
}

const project = (row: Row, columns: readonly string[]) =>
  Object.fromEntries(columns.filter((column) => column in row).map((column) => [column, row[column]]));

/** `[field==value]and[field!=val*]`: equal or not, as text, with `*` for anything. */
function parseFilter(filter: string | undefined): (row: Row) => boolean {
  if (filter === undefined) return () => true;
  const terms = filter.split(/(?<=\])\s*and\s*(?=\[)/i).map((term) => {
    const match = /^\[\s*([\w-]+)\s*(==|!=)\s*([^\]]*?)\s*\]$/.exec(term.trim());
    if (!match) throw invalid(`The filter ${filter} is not understood: [field==value]and[field!=value]`);
    const [, field = '', operator, value = ''] = match;
    const parts = value.split('*');
    return { field: ALIASES[field] ?? field, isEqual: operator === '==', parts };
  });
  return (row) => terms.every(({ field, isEqual, parts }) => fits(String(row[field] ?? ''), parts) === isEqual);
}

/** Whether `text` is the parts with anything between them. Greedy from the left is enough, and can not run away as a pattern may. */
function fits(text: string, parts: readonly string[]): boolean {
  const [first = '', ...rest] = parts;
  if (rest.length === 0) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  const last = rest.pop() ?? '';
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
