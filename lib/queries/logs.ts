import { skipToken, useQuery } from '@tanstack/react-query';
import type { LogLine } from '@/lib/api/schemas';
import { keys } from './keys';

/** What the page keeps; older lines are in the server's log. */
export const LOG_LINES_MAX = 500;

/** A line with a number of its own, so that equal lines stay apart on the page. */
export type NumberedLogLine = LogLine & { number: number };

/** Lines that came by the event stream since this page opened, newest last. */
export const useLogs = (site: string): NumberedLogLine[] =>
  useQuery({ queryKey: keys.logs(site), queryFn: skipToken, initialData: NO_LINES }).data ?? NO_LINES;
const NO_LINES: NumberedLogLine[] = [];

/** Appends lines, bounded. */
export function withLogLines(
  lines: readonly NumberedLogLine[] | undefined,
  more: readonly LogLine[],
): NumberedLogLine[] {
  const before = lines ?? [];
  const next = (before.at(-1)?.number ?? 0) + 1;
  return [...before, ...more.map((line, index) => ({ ...line, number: next + index }))].slice(-LOG_LINES_MAX);
}
