'use client';
import { Pause, Play, RotateCw } from 'lucide-react';
import { useState } from 'react';
import type { Link } from '@/lib/api/schemas';
import { LINK_STATUS_STYLE } from '@/lib/domain/status';
import { asSentence } from '@/lib/format';
import { useLink, useLinkChange } from '@/lib/queries/link';
import { showFailure } from '@/lib/ui-state/toasts';
import { useRefusal } from '../access/me';
import { AsOf } from '../ui/as-of';
import { Button } from '../ui/button';
import { Confirm } from '../ui/confirm';
import { cx } from '../ui/cx';
import { Ago, ByteRate, Figure } from '../ui/figures';
import { Note, Problem, Skeleton } from '../ui/notes';
import { StatusIcon } from '../ui/status-icon';
import { TONE_WASH } from '../ui/tone';
import { EnrolButton, Enrolled } from './enrolment';
import { LinkDirection } from './link-direction';

/** The state of the link: one word for both directions, then each; as of when; pause and resume. */
export function LinkHeader({ edge }: { edge: string }) {
  const { data: link, error, refetch } = useLink(edge);
  if (!link)
    return error ? (
      <Problem error={error} onRetry={() => void refetch()} className="p-0" />
    ) : (
      <Skeleton className="h-16 rounded-lg" />
    );
  const style = LINK_STATUS_STYLE[link.state];
  const lastError = link.inbound.lastError ?? link.outbound.lastError;
  return (
    <section
      aria-label={`Link of ${edge} with HQ`}
      data-testid="link-header"
      data-state={link.state}
      data-tone={style.tone}
      className={cx('flex flex-col gap-2 rounded-lg border px-4 py-2.5', TONE_WASH[style.tone])}
    >
      <div className="flex flex-wrap items-center gap-x-6 gap-y-2">
        <h1 className="flex items-center gap-2.5 text-xl font-semibold tracking-tight" title={style.hint}>
          <StatusIcon icon={style.icon} tone={style.tone} className="size-6" />
          <span>
            {edge}
            <span className="sr-only">, link</span> <span className="font-normal text-ink-soft">link</span>{' '}
            <span aria-live="polite" data-testid="link-state">
              {style.label.toLowerCase()}
            </span>
          </span>
        </h1>
        <LinkDirection edge={edge} name="inbound" label="From HQ" direction={link.inbound} />
        <LinkDirection edge={edge} name="outbound" label="To HQ" direction={link.outbound} />
        <dl className="flex gap-6">
          <Figure label="HQ seen" title={link.upstream ?? 'Not known yet'}>
            <Ago at={link.lastSeenAt} never="never" />
          </Figure>
          <Capacity link={link} />
          <Enrolled edge={edge} />
        </dl>
        <div className="ml-auto flex items-center gap-3">
          <AsOf at={link.asOf} />
          {link.upstream !== null && <PauseBoth edge={edge} link={link} />}
        </div>
      </div>
      {lastError && link.state !== 'up' && (
        <Note
          tone={style.tone}
          action={
            <>
              {link.inbound.state === 'failed' && link.upstream !== null && <BringAnew edge={edge} />}
              <EnrolButton edge={edge} />
            </>
          }
        >
          {asSentence(lastError)}{' '}
          {link.state === 'down' && (
            <span className="text-ink-soft">Requests wait here and go when the link is back.</span>
          )}
        </Note>
      )}
    </section>
  );
}

/** What was measured, or what the link is known to carry at least. */
function Capacity({ link: { estimatedBytesPerSecond: estimated, provenBytesPerSecond: proven } }: { link: Link }) {
  const orMore = estimated === null && proven !== null;
  return (
    <Figure
      label="Capacity"
      title={orMore ? 'It has carried this much at once, and may carry more' : 'Estimated from what went over the link'}
    >
      {orMore && '≥ '}
      <ByteRate value={estimated ?? proven} />
    </Figure>
  );
}

/** For an HQ that was restored from a copy: what it has now is brought anew, after asking. */
function BringAnew({ edge }: { edge: string }) {
  const [asking, setAsking] = useState(false);
  const change = useLinkChange(edge);
  const refusal = useRefusal('field', edge);
  return (
    <>
      <Button
        size="sm"
        icon={RotateCw}
        pending={change.isPending}
        unavailable={refusal}
        onClick={() => setAsking(true)}
      >
        Bring HQ's topics anew
      </Button>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title="Was HQ restored from a copy?"
        action="Bring them anew"
        onConfirm={() =>
          change.mutate(
            { mode: 'up', direction: 'inbound', anew: true },
            { onError: (error) => showFailure("HQ's topics were not brought anew", error) },
          )
        }
      >
        <p>
          What {edge} has of HQ's topics no longer agrees with HQ. It is forgotten here, and brought anew. Assets,
          requests and files of {edge} stay; nothing is asked for twice. If HQ can still be restored to what it was,
          leave it.
        </p>
      </Confirm>
    </>
  );
}

/** Pauses both directions after asking; resumes at once. */
function PauseBoth({ edge, link }: { edge: string; link: Link }) {
  const [asking, setAsking] = useState(false);
  const change = useLinkChange(edge);
  const refusal = useRefusal('field', edge);
  const isPaused = link.inbound.state === 'paused' && link.outbound.state === 'paused';
  const set = (mode: 'up' | 'paused') =>
    change.mutate(
      { mode },
      { onError: (error) => showFailure(`The link was not ${mode === 'up' ? 'resumed' : 'paused'}`, error) },
    );
  return (
    <>
      <Button
        size="sm"
        icon={isPaused ? Play : Pause}
        kind={isPaused ? 'primary' : 'plain'}
        pending={change.isPending}
        unavailable={refusal}
        onClick={() => (isPaused ? set('up') : setAsking(true))}
      >
        {isPaused ? 'Resume link' : 'Pause link'}
      </Button>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={`Pause the link of ${edge}?`}
        action="Pause it"
        onConfirm={() => set('paused')}
      >
        <p>
          Nothing new comes from HQ and no request goes there until it is resumed. What is new waits on its side;
          nothing is lost.
        </p>
      </Confirm>
    </>
  );
}
