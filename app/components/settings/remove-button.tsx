import { Trash2 } from 'lucide-react';
import { AlertDialog } from 'radix-ui';
import { type ReactNode, useId, useState } from 'react';
import type { ConnectionInfo } from '@/lib/api/connections';
import { useRemoval } from '@/lib/queries/connections';
import { showFailure } from '@/lib/ui-state/toasts';
import { Button } from '../ui/button';
import { TextInput } from './inputs';
import { KIND_LABEL, TargetFacts } from './target-facts';

const WHAT_STAYS: Record<ConnectionInfo['previous'][number]['removal'], string> = {
  made: 'What was there before it came stays, whatever its name.',
  named:
    'What was there before was not written down: everything that has the names of this mission goes, and nothing else.',
};

/** Removes what the mission made on a fabric that the site does not stand on, once its name has been typed. */
export function RemoveButton({
  mission,
  site,
  target: { id, target, removal },
  busy,
  children,
}: {
  mission: string;
  site: string;
  target: ConnectionInfo['previous'][number];
  busy: string | null;
  children: ReactNode;
}) {
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState('');
  const input = useId();
  const remove = useRemoval(site);
  const matches = typed === mission;
  const change = (next: boolean) => {
    setTyped('');
    setOpen(next);
  };
  const confirm = () => {
    if (!matches) return;
    remove.mutate({ id, confirm: typed }, { onError: (error) => showFailure('Nothing was removed', error) });
    change(false);
  };
  return (
    <AlertDialog.Root open={open} onOpenChange={change}>
      <AlertDialog.Trigger asChild>
        <Button kind="danger" icon={Trash2} unavailable={busy}>
          {children}
        </Button>
      </AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="fixed inset-0 z-50 bg-shade" />
        <AlertDialog.Content className="fixed top-1/2 left-1/2 z-50 w-[min(28rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 rounded-lg border border-line-strong bg-surface p-4 shadow-xl">
          <form
            onSubmit={(event) => {
              event.preventDefault();
              confirm();
            }}
          >
            <AlertDialog.Title className="text-base font-semibold">Remove what {mission} made there?</AlertDialog.Title>
            <AlertDialog.Description className="mt-1 text-sm text-ink-soft">
              Its topics, its tables, its volumes with all their files, and at an edge its link; neither a bucket nor a
              database. {WHAT_STAYS[removal]} What was entered to reach it is forgotten too. This can not be undone.
            </AlertDialog.Description>
            <section aria-label="Where" className="mt-3 rounded-md border border-line p-2.5">
              <h3 className="mb-1 text-sm font-medium">{KIND_LABEL[target.fabric.kind]}</h3>
              <TargetFacts target={target} />
            </section>
            <label htmlFor={input} className="mt-3 block text-sm">
              Type <span className="font-mono text-xs font-semibold">{mission}</span> to confirm
            </label>
            <TextInput id={input} value={typed} autoComplete="off" onChange={(event) => setTyped(event.target.value)} />
            <div className="mt-4 flex justify-end gap-2">
              <AlertDialog.Cancel asChild>
                <Button>Leave it</Button>
              </AlertDialog.Cancel>
              <Button
                kind="danger"
                type="submit"
                unavailable={matches ? null : `Type ${mission} first`}
                onClick={(event) => {
                  event.preventDefault();
                  confirm();
                }}
              >
                Remove
              </Button>
            </div>
          </form>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
