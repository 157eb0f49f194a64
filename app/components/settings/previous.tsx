import { Undo2 } from 'lucide-react';
import type { ConnectionInfo } from '@/lib/api/connections';
import { useRedraft } from '@/lib/queries/connections';
import { showFailure } from '@/lib/ui-state/toasts';
import { Button } from '../ui/button';
import { RemoveButton } from './remove-button';
import { KIND_LABEL, TargetFacts } from './target-facts';

/** What a site stood on before: its data is there until a person removes it. */
export function Previous({
  mission,
  site,
  previous,
  busy,
  drafting,
}: {
  mission: string;
  site: string;
  previous: ConnectionInfo['previous'];
  busy: string | null;
  /** Something else is entered, or is being entered. */
  drafting: boolean;
}) {
  const redraft = useRedraft(site);
  return (
    <section aria-label="Before" className="flex flex-col gap-2">
      <h3 className="text-sm font-semibold">Before</h3>
      <p className="text-xs text-ink-faint">What {site} had there is there still, as it was when it went over.</p>
      <ul className="flex flex-col gap-2">
        {previous.map((one) => (
          <li key={one.id} className="flex flex-wrap items-start gap-3 rounded-md border border-line p-2.5">
            <div className="min-w-0 flex-1 basis-72">
              <h4 className="mb-1 text-sm font-medium">{KIND_LABEL[one.target.fabric.kind]}</h4>
              <TargetFacts target={one.target} />
            </div>
            <Button
              icon={Undo2}
              unavailable={busy ?? (drafting ? 'Discard what is entered first' : null)}
              pending={redraft.isPending && redraft.variables === one.id}
              onClick={() =>
                redraft.mutate(one.id, { onError: (error) => showFailure('It was not entered again', error) })
              }
            >
              Enter again
            </Button>
            <RemoveButton mission={mission} site={site} target={one} busy={busy}>
              Remove
            </RemoveButton>
          </li>
        ))}
      </ul>
    </section>
  );
}
