'use client';
import { Check, Copy } from 'lucide-react';
import { type FormEvent, useId, useState } from 'react';
import { useCreateToken } from '@/lib/queries/access';
import { useSites } from '@/lib/queries/sites';
import { Button } from '../ui/button';
import { Field } from '../ui/field';
import { NativeSelect } from '../ui/native-select';
import { Note } from '../ui/notes';
import { FormProblem } from './form-problem';

const SCOPES = [
  { scope: 'read', does: 'Reads everything but metrics' },
  { scope: 'metrics', does: 'Reads /metrics' },
  { scope: 'operate', does: 'Services, links, retries, everywhere' },
  { scope: 'admin', does: 'Everything: users and connections too' },
] as const;
const DAYS = [30, 90, 365] as const;

/** A new token; what it is, is told once. */
export function TokenForm({ onDone }: { onDone: () => void }) {
  const { data } = useSites();
  const id = useId();
  const create = useCreateToken();
  const edges = (data?.sites ?? []).filter((site) => site.role === 'edge');
  const scopes = [
    ...SCOPES,
    ...edges.map(({ id }) => ({ scope: `field:${id}` as const, does: `Requests and mirrors at ${id}` })),
  ];
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const chosen = scopes.map(({ scope }) => scope).filter((scope) => form.getAll('scope').includes(scope));
    const days = Number(form.get('days'));
    create.mutate({ name: String(form.get('name')), scopes: chosen, expiresInDays: days === 0 ? null : days });
  };
  if (create.data) return <NewToken token={create.data.token} onDone={onDone} />;
  return (
    <form onSubmit={submit} className="mt-3 flex flex-col gap-3">
      <Field
        label="What it is for"
        name="name"
        autoComplete="off"
        maxLength={80}
        required
        autoFocus
        placeholder="prometheus"
      />
      <fieldset className="flex flex-col gap-1.5">
        <legend className="mb-1 text-xs font-medium text-ink-soft">What it may do</legend>
        {scopes.map(({ scope, does }) => (
          <label key={scope} className="flex items-center gap-2 text-sm">
            <input type="checkbox" name="scope" value={scope} className="size-4 accent-accent" />
            <span className="font-mono text-xs">{scope}</span>
            <span className="text-xs text-ink-faint">{does}</span>
          </label>
        ))}
      </fieldset>
      <div className="flex flex-col gap-1">
        <label htmlFor={id} className="text-xs font-medium text-ink-soft">
          Good for
        </label>
        <NativeSelect id={id} name="days" defaultValue="90" className="h-9 text-sm">
          {DAYS.map((days) => (
            <option key={days} value={days}>
              {days} days
            </option>
          ))}
          <option value="0">Until it is revoked</option>
        </NativeSelect>
      </div>
      <FormProblem error={create.error} />
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" kind="primary" pending={create.isPending}>
          Make token
        </Button>
      </div>
    </form>
  );
}

function NewToken({ token, onDone }: { token: string; onDone: () => void }) {
  const [copied, setCopied] = useState(false);
  const copy = () => navigator.clipboard.writeText(token).then(() => setCopied(true));
  return (
    <div className="mt-3 flex flex-col gap-3">
      <Note tone="attention">This is the only time that it is shown. Fieldline keeps no copy.</Note>
      <output
        className="rounded-md border border-line bg-ground p-2 font-mono text-xs break-all select-all"
        data-testid="new-token"
      >
        {token}
      </output>
      <div className="flex justify-end gap-2">
        <Button icon={copied ? Check : Copy} onClick={copy}>
          {copied ? 'Copied' : 'Copy'}
        </Button>
        <Button kind="primary" onClick={onDone}>
          Done
        </Button>
      </div>
    </div>
  );
}
