import { Activity, ArrowRightLeft, ListChecks, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { ConnectionInfo } from '@/lib/api/connections';
import { useConnectionTest, useDiscard, useJobStart } from '@/lib/queries/connections';
import { showFailure } from '@/lib/ui-state/toasts';
import { Button } from '../ui/button';
import { Confirm } from '../ui/confirm';
import { Note, Problem } from '../ui/notes';
import { DoorResults } from './door-results';
import { RemoveButton } from './remove-button';
import { KIND_LABEL, TargetFacts } from './target-facts';

/** What was entered: to be tested, prepared, and gone over to. */
export function Draft({
  mission,
  connection,
  draft,
  busy,
  isAway,
  onEdit,
}: {
  mission: string;
  connection: ConnectionInfo;
  draft: NonNullable<ConnectionInfo['draft']>;
  busy: string | null;
  /** What the site stands on does not answer: nothing can be taken along from there. */
  isAway: boolean;
  onEdit: () => void;
}) {
  const { site, role, move, use } = connection;
  const takesNothing = isAway || !move.possible;
  const [asking, setAsking] = useState<'move' | 'use' | null>(null);
  const test = useConnectionTest(site);
  const discard = useDiscard(site);
  const prepare = useJobStart(site, 'prepare');
  const go = { move: useJobStart(site, 'move'), use: useJobStart(site, 'use') };
  const failed = (what: string) => ({ onError: (error: unknown) => showFailure(what, error) });
  return (
    <section aria-label="New connection" className="flex flex-col gap-2 rounded-md border border-accent/40 p-3">
      <div className="flex flex-wrap items-baseline gap-x-2">
        <h3 className="text-base font-semibold">{KIND_LABEL[draft.target.fabric.kind]}</h3>
        <span className="text-xs text-ink-faint">entered, not in use yet</span>
        <div className="ml-auto flex gap-1">
          <Button size="sm" kind="quiet" icon={Pencil} unavailable={busy} onClick={onEdit}>
            Change
          </Button>
          <Button
            size="sm"
            kind="quiet"
            icon={Trash2}
            unavailable={busy}
            pending={discard.isPending}
            onClick={() => discard.mutate(undefined, failed('The draft was not discarded'))}
          >
            Discard
          </Button>
        </div>
      </div>
      <TargetFacts target={draft.target} />
      <div className="flex flex-wrap gap-2 pt-1">
        <Button icon={Activity} pending={test.isPending} onClick={() => test.mutate('draft')}>
          {test.isPending ? 'Testing …' : 'Test'}
        </Button>
        <Button
          icon={ListChecks}
          unavailable={busy}
          pending={prepare.isPending}
          onClick={() => prepare.mutate(undefined, failed('It was not prepared'))}
        >
          Prepare
        </Button>
        {move.possible && (
          <Button
            kind={isAway ? 'plain' : 'primary'}
            icon={ArrowRightLeft}
            unavailable={busy ?? (isAway ? `What ${site} stands on does not answer` : null)}
            onClick={() => setAsking('move')}
          >
            Move {site} there
          </Button>
        )}
        {takesNothing && (
          <Button
            kind="primary"
            icon={ArrowRightLeft}
            unavailable={busy ?? (use.possible ? null : use.reason)}
            onClick={() => setAsking('use')}
          >
            Put to use
          </Button>
        )}
        <RemoveButton mission={mission} site={site} target={draft} busy={busy}>
          Remove what was prepared
        </RemoveButton>
      </div>
      {!move.possible && move.reason && <p className="text-xs text-ink-faint">{move.reason}.</p>}
      {takesNothing && !use.possible && use.reason && <Note tone="attention">{use.reason}</Note>}
      {test.error && <Problem error={test.error} className="p-0" />}
      {test.data && <DoorResults test={test.data} />}
      <Confirm
        open={asking === 'move'}
        onOpenChange={(open) => !open && setAsking(null)}
        title={`Move ${site}?`}
        action="Move"
        onConfirm={() => go.move.mutate(undefined, failed(`${site} was not moved`))}
      >
        <p>
          Files are copied while everything works. Then the services of {site} stop, the rest is copied and compared,
          and the site goes on at its new place. Edges go on asking; what they ask meanwhile is answered afterwards.
          Edges of this installation follow by themselves; at those that run elsewhere HQ has to be entered anew, on
          their own page of settings.
        </p>
        <p className="mt-2">What is there now stays as it is until you remove it.</p>
      </Confirm>
      <Confirm
        open={asking === 'use'}
        onOpenChange={(open) => !open && setAsking(null)}
        title={`Let ${site} go over, taking nothing along?`}
        action="Put to use"
        onConfirm={() => go.use.mutate(undefined, failed(`${site} did not go over`))}
      >
        {role === 'edge'
          ? `Another address, user or password of the same fabric changes nothing of what ${site} has. On another fabric it begins with what HQ has announced; files are asked for and brought anew. Its link stops here and begins there.`
          : `This is for another address, user or password of the same fabric. On another fabric ${site} begins with what is there: nothing, or what it left there.`}
      </Confirm>
    </section>
  );
}
