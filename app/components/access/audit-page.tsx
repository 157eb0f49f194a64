'use client';
import { Ban, CircleCheck, CircleX, Download } from 'lucide-react';
import { parseAsString, useQueryStates } from 'nuqs';
import { useState } from 'react';
import type { AuditEntry } from '@/lib/api/access-schemas';
import { formatTimestamp } from '@/lib/format';
import { type AuditFilter, auditExportPath, useAudit } from '@/lib/queries/access';
import { Button } from '../ui/button';
import { NativeSelect } from '../ui/native-select';
import { Nothing, Problem, Skeleton } from '../ui/notes';
import { Panel } from '../ui/panel';
import { PlainTable } from '../ui/plain-table';

const PAGE = 100;
/** What one request can bring. */
const SHOWN_MAX = 1000;
const RESULTS = {
  done: { icon: CircleCheck, tone: 'text-ok' },
  refused: { icon: Ban, tone: 'text-attention' },
  failed: { icon: CircleX, tone: 'text-failed' },
} as const;

/** Who changed what, when, from where, and what came of it. The filter is in the address. */
export function AuditPage() {
  const [filter, setFilter] = useQueryStates({
    who: parseAsString.withDefault(''),
    what: parseAsString.withDefault(''),
    result: parseAsString.withDefault(''),
  });
  return (
    <Panel
      title="Audit log"
      aside={
        <a
          href={auditExportPath(filter)}
          download
          className="inline-flex h-7 items-center gap-1.5 rounded-md border border-line bg-raised px-2 text-xs font-medium hover:border-line-strong"
        >
          <Download aria-hidden className="size-3.5" /> Export as JSON lines
        </a>
      }
    >
      <Filter filter={filter} onChange={(change) => void setFilter(change)} />
      <Entries filter={filter} />
    </Panel>
  );
}

function Filter({ filter, onChange }: { filter: AuditFilter; onChange: (change: Partial<AuditFilter>) => void }) {
  const input =
    'h-8 min-w-0 flex-1 basis-40 sm:max-w-60 rounded-md border border-line bg-ground px-2 text-sm placeholder:text-ink-faint hover:border-line-strong';
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-line px-3 py-2">
      <input
        type="search"
        aria-label="Who"
        placeholder="Who"
        className={input}
        value={filter.who}
        onChange={(event) => onChange({ who: event.target.value })}
      />
      <input
        type="search"
        aria-label="What"
        placeholder="What: signIn, updateService …"
        className={input}
        value={filter.what}
        onChange={(event) => onChange({ what: event.target.value.trim() })}
      />
      <NativeSelect
        aria-label="Result"
        className="h-8"
        value={filter.result}
        onChange={(event) => onChange({ result: event.target.value })}
      >
        <option value="">Any result</option>
        {Object.keys(RESULTS).map((result) => (
          <option key={result}>{result}</option>
        ))}
      </NativeSelect>
    </div>
  );
}

function Entries({ filter }: { filter: AuditFilter }) {
  const [limit, setLimit] = useState(PAGE);
  const { data, error, refetch } = useAudit(filter, limit);
  if (error && !data) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton className="m-3 h-40" />;
  if (data.entries.length === 0)
    return <Nothing title="Nothing to show">Nobody has changed anything that fits this filter.</Nothing>;
  return (
    <>
      <PlainTable<AuditEntry & { key: string }>
        label="Audit log"
        rows={data.entries.map((entry, index) => ({ ...entry, key: `${entry.at} ${data.entries.length - index}` }))}
        rowKey={(entry) => entry.key}
        columns={[
          {
            name: 'When',
            className: 'hidden whitespace-nowrap tabular-nums align-top sm:table-cell',
            cell: (entry) => <time dateTime={entry.at}>{formatTimestamp(entry.at)}</time>,
          },
          { name: 'Who', className: 'hidden align-top sm:table-cell', cell: (entry) => <Who entry={entry} /> },
          { name: 'What', className: 'align-top', cell: (entry) => <What entry={entry} /> },
          {
            name: 'From',
            className: 'hidden align-top font-mono text-2xs md:table-cell',
            cell: (entry) => entry.from || '–',
          },
          { name: 'Result', className: 'align-top', cell: (entry) => <Result entry={entry} /> },
        ]}
      />
      {data.more && limit < SHOWN_MAX && (
        <div className="flex justify-center border-t border-line p-2">
          <Button size="sm" onClick={() => setLimit(Math.min(SHOWN_MAX, limit + 3 * PAGE))}>
            Show older
          </Button>
        </div>
      )}
    </>
  );
}

function Who({ entry: { who } }: { entry: AuditEntry }) {
  return (
    <span title={who.id}>
      <span className="font-medium">{who.name || 'nobody'}</span>
      {who.via && <span className="ml-1.5 text-2xs text-ink-faint">{who.via}</span>}
    </span>
  );
}

/** On a phone the whole entry: what stands in columns elsewhere is its second line. */
function What({ entry }: { entry: AuditEntry }) {
  const { what, target, detail } = entry;
  const parts = Object.entries(target).map(([name, value]) => `${name} ${value}`);
  return (
    <div className="max-w-md min-w-0 wrap-anywhere">
      <span className="font-mono">{what}</span>
      {parts.length > 0 && <span className="ml-2 text-ink-soft">{parts.join(' · ')}</span>}
      <p className="mt-0.5 text-2xs text-ink-faint sm:hidden">
        <Who entry={entry} /> · <time dateTime={entry.at}>{formatTimestamp(entry.at)}</time>
        {entry.from && ` · ${entry.from}`}
      </p>
      {detail && <p className="text-ink-faint">{detail}</p>}
    </div>
  );
}

function Result({ entry: { result, code } }: { entry: AuditEntry }) {
  const { icon: Icon, tone } = RESULTS[result];
  return (
    <span className="inline-flex items-center gap-1 whitespace-nowrap" title={code}>
      <Icon aria-hidden className={`size-3.5 ${tone}`} />
      {result}
    </span>
  );
}
