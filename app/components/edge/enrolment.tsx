'use client';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { ENROLMENT_TOKEN_LENGTH_MAX } from '@/lib/enrolment/limits';
import { useEnrol, useEnrolment } from '@/lib/queries/edges';
import { useToasts } from '@/lib/ui-state/toasts';
import { FormProblem } from '../access/form-problem';
import { useRefusal } from '../access/me';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Ago, Figure } from '../ui/figures';

/** Since when this edge has a credential of its own at HQ; nothing where it goes by none. */
export function Enrolled({ edge }: { edge: string }) {
  const enrolled = useEnrolment(edge).data?.enrolled;
  if (!enrolled) return null;
  return (
    <Figure label="Enrolled" title={`At ${enrolled.upstream}, with a credential of its own`}>
      <Ago at={enrolled.at} never="yes" />
    </Figure>
  );
}

/** Opens the place to paste HQ's token; nothing where this edge takes none. */
export function EnrolButton({ edge }: { edge: string }) {
  const { data } = useEnrolment(edge);
  const refusal = useRefusal('admin');
  const [open, setOpen] = useState(false);
  if (!data || data.reason !== null) return null;
  return (
    <>
      <Button size="sm" icon={KeyRound} unavailable={refusal} onClick={() => setOpen(true)}>
        {data.enrolled ? 'Enrol anew' : 'Enrol with a token'}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={`Enrol ${edge} at HQ`}>
        <TokenForm edge={edge} onDone={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

/** The token is in this form only while it is open. */
function TokenForm({ edge, onDone }: { edge: string; onDone: () => void }) {
  const [token, setToken] = useState('');
  const enrol = useEnrol(edge);
  const fault = token.trim() === '' ? 'Paste the token first' : null;
  return (
    <form
      className="mt-2 flex flex-col gap-3 text-sm"
      onSubmit={(event) => {
        event.preventDefault();
        if (fault !== null || enrol.isPending) return;
        enrol.mutate(token, {
          onSuccess: ({ enrolled }) => {
            const title = `${edge} is enrolled at ${enrolled?.upstream ?? 'HQ'}`;
            useToasts.getState().show({ tone: 'ok', title, detail: 'Its link goes on with the new credential.' });
            onDone();
          },
        });
      }}
    >
      <p className="text-ink-soft">
        HQ makes a token for {edge} on the tab <em>Edge access</em>, or by{' '}
        <code className="font-mono">npm run enrol -- {edge}</code>. It is good once. The link then starts anew with a
        credential that is made here; a former one ends.
      </p>
      <label className="flex flex-col gap-1 text-2xs text-ink-faint">
        Token
        <textarea
          value={token}
          onChange={(event) => setToken(event.target.value)}
          placeholder="fl1.…"
          rows={5}
          autoComplete="off"
          spellCheck={false}
          maxLength={ENROLMENT_TOKEN_LENGTH_MAX}
          className="resize-none rounded-md border border-line bg-raised p-2 font-mono text-2xs break-all text-ink placeholder:text-ink-faint"
        />
      </label>
      <FormProblem error={enrol.error} />
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" kind="primary" icon={KeyRound} unavailable={fault} pending={enrol.isPending}>
          Enrol {edge}
        </Button>
      </div>
    </form>
  );
}
