'use client';
import { Copy, KeyRound } from 'lucide-react';
import { useState } from 'react';
import type { EdgeCredential, Invitation } from '@/lib/api/schemas';
import { SITE_ID_PATTERN } from '@/lib/domain/naming';
import { formatTimestamp } from '@/lib/format';
import { useInvite } from '@/lib/queries/edges';
import { showFailure, useToasts } from '@/lib/ui-state/toasts';
import { Button } from '../../ui/button';
import { Note } from '../../ui/notes';

/** Asks for a name, then shows the token once. */
export function EnrolForm({ site, taken }: { site: string; taken: readonly EdgeCredential[] }) {
  const [name, setName] = useState('');
  const invite = useInvite(site);
  const edge = name.trim();
  const known = taken.some((one) => one.edge === edge && one.enrolledAt !== null && one.revokedAt === null);
  const fault =
    edge === ''
      ? 'Give the edge’s name first'
      : !SITE_ID_PATTERN.test(edge)
        ? 'A lower-case letter first, then letters, digits and dashes'
        : null;
  return (
    <div className="flex flex-col gap-2 p-3">
      <form
        className="flex flex-wrap items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (fault !== null || invite.isPending) return;
          invite.mutate(edge, {
            onSuccess: () => setName(''),
            onError: (failure) => showFailure(`${edge} was not invited`, failure),
          });
        }}
      >
        <label className="flex min-w-40 flex-col gap-1 text-2xs text-ink-faint">
          Edge
          <input
            value={name}
            onChange={(event) => setName(event.target.value)}
            placeholder="alpha"
            autoComplete="off"
            spellCheck={false}
            maxLength={31}
            className="h-8 rounded-md border border-line bg-raised px-2 text-sm text-ink placeholder:text-ink-faint"
          />
        </label>
        <Button type="submit" kind="primary" icon={KeyRound} unavailable={fault} pending={invite.isPending}>
          Enrol an edge
        </Button>
        {known && (
          <span className="pb-2 text-2xs text-attention">
            {edge} is enrolled: with a new token its present credential ends once the token is used.
          </span>
        )}
      </form>
      {invite.data && <Token invitation={invite.data} onDone={() => invite.reset()} />}
    </div>
  );
}

function Token({ invitation, onDone }: { invitation: Invitation; onDone: () => void }) {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(invitation.token);
      useToasts.getState().show({ tone: 'ok', title: 'The token is copied' });
    } catch (failure) {
      showFailure('The token was not copied; mark it and copy it yourself', failure);
    }
  };
  return (
    <Note tone="attention">
      <p className="font-medium">
        The token of {invitation.edge}, shown only now. It is good once, until {formatTimestamp(invitation.expiresAt)}.
      </p>
      <p className="mt-0.5 text-ink-soft">
        Paste it at the edge: on its page, under its link, or after{' '}
        <code className="font-mono">npm run enrol -- --accept</code>. Whoever has it until then can come in as{' '}
        {invitation.edge}: send it the way you would send a password.
      </p>
      <textarea
        readOnly
        aria-label={`Enrolment token of ${invitation.edge}`}
        value={invitation.token}
        rows={3}
        onFocus={(event) => event.target.select()}
        className="mt-2 block w-full resize-none rounded-md border border-line bg-surface p-2 font-mono text-2xs break-all text-ink"
      />
      <div className="mt-2 flex gap-2">
        <Button size="sm" kind="primary" icon={Copy} onClick={() => void copy()}>
          Copy
        </Button>
        <Button size="sm" onClick={onDone}>
          Done
        </Button>
      </div>
    </Note>
  );
}
