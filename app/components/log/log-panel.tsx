'use client';
import { useEffect, useRef, useState } from 'react';
import type { LogLine, Service } from '@/lib/api/schemas';
import { formatClock, formatTimestamp } from '@/lib/format';
import { LOG_LINES_MAX, useLogs } from '@/lib/queries/logs';
import { useServices } from '@/lib/queries/services';
import { cx } from '../ui/cx';
import { Nothing, Skeleton } from '../ui/notes';
import { LevelSwitch } from './level-switch';

const LEVEL_TEXT: Record<LogLine['level'], string> = {
  error: 'text-failed',
  warn: 'text-attention',
  info: 'text-ink-soft',
  debug: 'text-ink-faint',
};

/** What the services of a site say, each as loud as its switch; off until somebody wants to hear it. */
export function LogPanel({ site }: { site: string }) {
  const { data } = useServices(site);
  if (!data) return <Skeleton className="m-3 h-24" />;
  const loud = data.services.filter((service) => service.logLevel !== 'off');
  return (
    <div className="flex flex-col">
      <div className="flex flex-wrap gap-x-4 gap-y-2 border-b border-line px-3 py-2">
        {data.services.map((service) => (
          <LevelSwitch key={service.id} service={service} />
        ))}
      </div>
      <Lines site={site} loud={loud} />
    </div>
  );
}

function Lines({ site, loud }: { site: string; loud: Service[] }) {
  const lines = useLogs(site);
  const box = useRef<HTMLDivElement>(null);
  const [follows, setFollows] = useState(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new line is the reason to scroll.
  useEffect(() => {
    if (follows && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines, follows]);
  if (lines.length === 0)
    return loud.length === 0 ? (
      <Nothing title="The log is off">Choose a level for a service above; its lines appear here as it works.</Nothing>
    ) : (
      <Nothing title="Nothing has been said yet">
        Listening to {loud.map((service) => service.title).join(', ')}. Lines appear as they work.
      </Nothing>
    );
  return (
    <div
      ref={box}
      role="log"
      aria-label={`Log of ${site}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
      tabIndex={0}
      onScroll={(event) => {
        const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
        setFollows(scrollHeight - scrollTop - clientHeight < 24);
      }}
      title={`The last ${LOG_LINES_MAX} lines since this page opened`}
      className="scroll-quiet h-64 overflow-auto px-3 py-2 font-mono text-2xs leading-4 focus-visible:-outline-offset-2"
    >
      {lines.map((line) => (
        <p key={line.number} className={cx('flex gap-2', LEVEL_TEXT[line.level])}>
          <time dateTime={line.at} title={formatTimestamp(line.at)} className="shrink-0 text-ink-faint">
            {formatClock(line.at)}
          </time>
          <span className="w-10 shrink-0 font-semibold">{line.level}</span>
          <span className="w-24 shrink-0 truncate">{line.service}</span>
          <span className="min-w-0 break-words">
            {line.message}
            {line.data && <span className="text-ink-faint"> {JSON.stringify(line.data)}</span>}
          </span>
        </p>
      ))}
    </div>
  );
}
