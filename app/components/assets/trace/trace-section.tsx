'use client';
import { Check, ChevronDown, Copy } from 'lucide-react';
import { useState } from 'react';
import type { AssetDetail } from '@/lib/api/schemas';
import { useAssetTrace } from '@/lib/queries/assets';
import { cx } from '../../ui/cx';
import { Problem, Skeleton } from '../../ui/notes';
import { TraceChart } from './trace-chart';

const SHORT_ID_LENGTH = 8;
const COPIED_MS = 2000;

/** The trace that follows the asset through the mission: its id to look up in a collector, and the steps kept here. */
export function TraceSection({ asset }: { asset: AssetDetail }) {
  const [open, setOpen] = useState(false);
  const { traceId } = asset;
  if (traceId === null) return null;
  return (
    <section aria-label="Trace">
      <div className="flex items-center gap-1">
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="flex items-center gap-1 text-xs font-semibold text-ink-faint hover:text-ink"
        >
          <ChevronDown aria-hidden className={cx('size-3.5 transition-transform', !open && '-rotate-90')} />
          Trace
          <code className="font-mono font-normal text-ink-soft" title={traceId}>
            {traceId.slice(0, SHORT_ID_LENGTH)}…
          </code>
        </button>
        <CopyId traceId={traceId} />
      </div>
      {open && <Steps asset={asset} />}
    </section>
  );
}

function CopyId({ traceId }: { traceId: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(traceId);
    setCopied(true);
    setTimeout(() => setCopied(false), COPIED_MS);
  };
  // Without a secure context (plain HTTP beyond loopback) a page has no clipboard; the whole id is in the title.
  if (typeof navigator === 'undefined' || !navigator.clipboard) return null;
  const Icon = copied ? Check : Copy;
  return (
    <button
      type="button"
      aria-label={copied ? 'Trace id copied' : 'Copy the trace id'}
      onClick={() => void copy()}
      className="rounded-sm p-1 text-ink-faint hover:text-ink"
    >
      <Icon aria-hidden className="size-3.5" />
    </button>
  );
}

function Steps({ asset }: { asset: AssetDetail }) {
  const { data: trace, error, refetch } = useAssetTrace(asset);
  if (!trace)
    return error ? <Problem error={error} onRetry={() => void refetch()} /> : <Skeleton className="mt-2 h-24" />;
  if (trace.spans.length === 0)
    return (
      <p className="mt-1.5 text-xs text-ink-soft">
        Its steps are no longer kept here. A trace collector has them, where one is configured.
      </p>
    );
  return <TraceChart spans={trace.spans} />;
}
