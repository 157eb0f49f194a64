'use client';
import { Search, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { EDGE_STATUS_STYLE, EDGE_STATUSES, type EdgeStatus } from '@/lib/domain/status';
import { formatCount } from '@/lib/format';
import { Button } from '../../ui/button';
import { cx } from '../../ui/cx';
import { StatusIcon } from '../../ui/status-icon';
import { TONE_WASH } from '../../ui/tone';

/** Search and status filter. `/` goes to the search from anywhere on the page. */
export function FilterBar({
  search,
  onSearch,
  statuses,
  onStatuses,
  counts,
}: {
  search: string;
  onSearch: (search: string) => void;
  statuses: readonly EdgeStatus[];
  onStatuses: (statuses: EdgeStatus[]) => void;
  counts: Readonly<Record<string, number>>;
}) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const focusSearch = (event: KeyboardEvent) => {
      const inField = event.target instanceof HTMLElement && event.target.matches('input, select, textarea');
      if (event.key !== '/' || inField || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener('keydown', focusSearch);
    return () => document.removeEventListener('keydown', focusSearch);
  }, []);
  const shown = EDGE_STATUSES.filter((status) => (counts[status] ?? 0) > 0 || statuses.includes(status));
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-line px-3 py-2">
      <div className="relative min-w-40 flex-1 sm:max-w-72">
        <Search aria-hidden className="absolute top-1/2 left-2 size-3.5 -translate-y-1/2 text-ink-faint" />
        <input
          ref={input}
          type="search"
          aria-label="Search assets"
          aria-keyshortcuts="/"
          placeholder="Search title, keyword, id   /"
          value={search}
          onChange={(event) => onSearch(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return;
            if (search === '') event.currentTarget.blur();
            else onSearch('');
          }}
          className="h-8 w-full rounded-md border border-line bg-ground pr-2 pl-7 text-sm placeholder:text-ink-faint hover:border-line-strong [&::-webkit-search-cancel-button]:hidden"
        />
      </div>
      <fieldset className="scroll-quiet flex min-w-0 items-center gap-1 overflow-x-auto p-0.5">
        <legend className="sr-only">Filter by status</legend>
        {shown.map((status) => {
          const style = EDGE_STATUS_STYLE[status];
          const on = statuses.includes(status);
          return (
            <button
              key={status}
              type="button"
              aria-pressed={on}
              title={style.hint}
              onClick={() => onStatuses(on ? statuses.filter((other) => other !== status) : [...statuses, status])}
              className={cx(
                'flex h-7 items-center gap-1 rounded-md border px-2 text-xs whitespace-nowrap',
                on ? [TONE_WASH[style.tone], 'text-ink'] : 'border-line text-ink-soft hover:border-line-strong',
              )}
            >
              <StatusIcon icon={style.icon} tone={style.tone} className="size-3" />
              {style.label}
              <span className="text-ink-faint">{formatCount(counts[status] ?? 0)}</span>
            </button>
          );
        })}
        {(statuses.length > 0 || search !== '') && (
          <Button
            size="sm"
            kind="quiet"
            icon={X}
            onClick={() => {
              onStatuses([]);
              onSearch('');
            }}
          >
            Clear
          </Button>
        )}
      </fieldset>
    </div>
  );
}
