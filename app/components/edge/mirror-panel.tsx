'use client';
import { ArrowDownToLine, RotateCw, Square } from 'lucide-react';
import type { Link, Mirror } from '@/lib/api/schemas';
import { MIRROR_STATUS_STYLE, mirrorStatus } from '@/lib/domain/status';
import { asSentence, formatByteRate, formatBytes, formatDuration, formatEstimate, plural } from '@/lib/format';
import { useLink } from '@/lib/queries/link';
import { useMirror, useMirrorRefresh, useMirrorRun } from '@/lib/queries/mirror';
import { showFailure } from '@/lib/ui-state/toasts';
import { useRefusal } from '../access/me';
import { AsOf, STALE_AFTER_MS } from '../ui/as-of';
import { Button } from '../ui/button';
import { Ago } from '../ui/figures';
import { Note, Problem, Skeleton } from '../ui/notes';
import { Panel } from '../ui/panel';
import { Progress } from '../ui/progress';
import { StatusBadge } from '../ui/status-badge';
import { expectedRate, formatRate } from './expected-rate';
import { PendingFiles } from './pending-files';

/** A little more than between two questions to HQ, while something waits and while nothing does. */
const STALE_WAITING_MS = 90_000;
const STALE_IDLE_MS = 6 * 60_000;

/** The one place for transfers: what waits, what it costs, start, stop, progress. */
export function MirrorPanel({ edge }: { edge: string }) {
  const { data: mirror, error, refetch } = useMirror(edge);
  const { data: link } = useLink(edge);
  return (
    <Panel
      title="Mirror"
      testId="mirror-panel"
      aside={
        mirror && (
          <>
            <AsOf at={mirror.asOf} staleAfterMs={staleAfterMs(mirror)} />
            <LookAgain edge={edge} />
            <StatusBadge
              style={MIRROR_STATUS_STYLE[mirrorStatus(mirror.state, mirror.lastError)]}
              reason={mirror.lastError}
            />
          </>
        )
      }
    >
      {mirror ? (
        <Body edge={edge} mirror={mirror} link={link} />
      ) : error ? (
        <Problem error={error} onRetry={() => void refetch()} />
      ) : (
        <Skeleton className="m-3 h-24" />
      )}
    </Panel>
  );
}

/** What waits changes at HQ without a word: asks for it over the link. */
function LookAgain({ edge }: { edge: string }) {
  const refresh = useMirrorRefresh(edge);
  const refusal = useRefusal('field', edge);
  return (
    <Button
      size="sm"
      kind="quiet"
      icon={RotateCw}
      aria-label="Ask HQ what waits"
      title="Ask HQ what waits; this uses the link"
      pending={refresh.isPending}
      unavailable={refusal}
      onClick={() =>
        refresh.mutate(undefined, { onError: (error) => showFailure('HQ could not be asked what waits', error) })
      }
    />
  );
}

function Body({ edge, mirror, link }: { edge: string; mirror: Mirror; link: Link | undefined }) {
  const run = useMirrorRun(edge);
  const refusal = useRefusal('field', edge);
  const act = (action: 'start' | 'stop') =>
    run.mutate(action, {
      onError: (error) => showFailure(`The mirror could not be ${action === 'start' ? 'started' : 'stopped'}`, error),
    });
  const isRunning = mirror.state === 'running';
  return (
    <div className="flex flex-col gap-3 p-3">
      {isRunning ? <Running mirror={mirror} /> : <Waiting mirror={mirror} link={link} />}
      <div className="flex items-center gap-2">
        {isRunning ? (
          <Button icon={Square} pending={run.isPending} unavailable={refusal} onClick={() => act('stop')}>
            Stop
          </Button>
        ) : (
          <Button
            kind="primary"
            icon={ArrowDownToLine}
            pending={run.isPending}
            unavailable={refusal ?? whyNotStart(mirror, link)}
            onClick={() => act('start')}
          >
            Start mirror
          </Button>
        )}
        <span className="text-2xs text-ink-faint">
          {isRunning ? (
            'A stop keeps what was brought.'
          ) : (
            <>
              Last complete <Ago at={mirror.lastSuccessAt} never="never" />
            </>
          )}
        </span>
      </div>
      {mirror.lastError && (
        <Note tone="attention">
          {asSentence(mirror.lastError)}{' '}
          {isRunning
            ? 'The run goes on by itself when the link is back; nothing that was brought is lost.'
            : 'The next run goes on from there.'}
        </Note>
      )}
      <PendingFiles mirror={mirror} />
    </div>
  );
}

/** Null when a run may be started. */
export function whyNotStart(mirror: Mirror, link: Link | undefined): string | null {
  if (link?.state === 'down') return 'HQ can not be reached: start when the link is back';
  if (mirror.filesTotal === 0) return 'Nothing waits at HQ: request assets first';
  return null;
}

/**
 * After how many ms a reading of the mirror no longer says how things are. HQ is asked over the link, whose bandwidth is the field team's
 * to spend, so at rest a reading is meant to be some minutes old (services/runtime/waiting-at-hq.ts has the intervals).
 */
export function staleAfterMs({ state, filesTotal, filesDone }: Mirror): number {
  if (state === 'running') return STALE_AFTER_MS;
  return filesTotal !== null && filesTotal > filesDone ? STALE_WAITING_MS : STALE_IDLE_MS;
}

/** Why it can not be said what waits. */
export function whyNotKnown(link: Link | undefined): string {
  if (link?.state === 'down') return 'What waits at HQ is not known while the link is down.';
  return 'HQ has not been asked yet what waits. It is asked when a requested asset becomes ready.';
}

function Waiting({ mirror, link }: { mirror: Mirror; link: Link | undefined }) {
  const rate = expectedRate(link);
  if (mirror.filesTotal === null || mirror.bytesTotal === null)
    return <p className="text-sm text-ink-soft">{whyNotKnown(link)}</p>;
  const files = mirror.filesTotal - mirror.filesDone;
  const bytes = mirror.bytesTotal - mirror.bytesDone;
  if (files <= 0)
    return (
      <p className="text-sm text-ink-soft">Nothing waits. Requested assets appear here when HQ has staged them.</p>
    );
  const seconds = mirror.etaSeconds ?? (rate && bytes / rate.bytesPerSecond);
  return (
    <p className="text-sm" data-testid="mirror-waits">
      <span className="text-lg font-semibold">{formatBytes(bytes)}</span>{' '}
      <span className="text-ink-soft">
        in {plural(files, 'file')}
        {seconds === null
          ? '; time not known yet'
          : `, ${formatEstimate(seconds, rate?.orMore)}${rate ? ` at ${formatRate(rate)}` : ''}`}
      </span>
    </p>
  );
}

function Running({ mirror }: { mirror: Mirror }) {
  const fraction = mirror.bytesTotal ? mirror.bytesDone / mirror.bytesTotal : null;
  return (
    <div className="flex flex-col gap-1.5" data-testid="mirror-progress">
      <p className="flex items-baseline justify-between gap-2 text-sm">
        <span>
          <span className="text-lg font-semibold">{fraction === null ? '' : `${Math.floor(fraction * 100)} %`}</span>{' '}
          <span className="text-ink-soft">
            {formatBytes(mirror.bytesDone)} of {formatBytes(mirror.bytesTotal)}
          </span>
        </span>
        <span className="text-xs text-ink-soft">
          {formatByteRate(mirror.bytesPerSecond)}
          {mirror.etaSeconds !== null && `, ${formatDuration(mirror.etaSeconds)} left`}
        </span>
      </p>
      <Progress fraction={fraction} label="Mirror progress" />
      <p className="text-2xs text-ink-faint">
        {mirror.filesTotal === null
          ? 'Finding out what HQ has'
          : `${mirror.filesDone} of ${plural(mirror.filesTotal, 'file')} here`}
      </p>
    </div>
  );
}
