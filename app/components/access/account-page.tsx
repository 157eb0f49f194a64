'use client';
import { type FormEvent, useState } from 'react';
import { FieldlineError } from '@/lib/errors';
import { changePassword } from '@/lib/queries/access';
import { Button } from '../ui/button';
import { Field } from '../ui/field';
import { Note } from '../ui/notes';
import { Panel } from '../ui/panel';
import { WithAccess } from './access-off';
import { FormProblem } from './form-problem';
import { useMe } from './me';
import { ROLE_WORDS } from './role-fields';
import { SessionsPanel } from './sessions-panel';

/** Who one is here, one's password, and where one is signed in. */
export function AccountPage() {
  const { name, role, site, via } = useMe();
  return (
    <WithAccess title="Account">
      <Panel title="Account" bodyClassName="flex flex-col gap-1 p-3 text-sm">
        <p className="font-medium">{name}</p>
        <p className="text-ink-soft">
          {role ? ROLE_WORDS[role] : 'A machine, by token'}
          {site && ` (${site})`}
        </p>
      </Panel>
      {via === 'password' && <PasswordPanel />}
      <SessionsPanel title="Your sessions" />
    </WithAccess>
  );
}

function PasswordPanel() {
  const [state, setState] = useState<{ error?: unknown; done?: boolean; pending?: boolean }>({});
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const text = (field: string) => String(data.get(field));
    if (text('next') !== text('again')) {
      setState({ error: new FieldlineError('REQUEST_INVALID', 'The two new passwords are not the same') });
      return;
    }
    setState({ pending: true });
    try {
      await changePassword({ current: text('current'), next: text('next') });
      form.reset();
      setState({ done: true });
    } catch (error) {
      setState({ error });
    }
  };
  return (
    <Panel title="Password">
      <form onSubmit={submit} className="flex max-w-sm flex-col gap-3 p-3">
        <Field label="Current password" name="current" type="password" autoComplete="current-password" required />
        <Field
          label="New password"
          name="next"
          type="password"
          autoComplete="new-password"
          required
          hint="At least 12 characters. A few unrelated words are good."
        />
        <Field label="New password again" name="again" type="password" autoComplete="new-password" required />
        <FormProblem error={state.error} />
        {state.done && <Note tone="ok">Changed. Your other sessions have ended.</Note>}
        <Button type="submit" kind="primary" pending={state.pending ?? false} className="self-start">
          Change password
        </Button>
      </form>
    </Panel>
  );
}
