'use client';
import { type FormEvent, useState } from 'react';
import type { UserInfo } from '@/lib/api/access-schemas';
import type { Role } from '@/lib/domain/access';
import { useCreateUser, useUpdateUser } from '@/lib/queries/access';
import { Button } from '../ui/button';
import { Field } from '../ui/field';
import { FormProblem } from './form-problem';
import { RoleFields } from './role-fields';

/** A new user, or what may change of one. */
export function UserForm({ user, onDone }: { user: UserInfo | null; onDone: () => void }) {
  const [wish, setWish] = useState<{ role: Role; site: string | null }>({
    role: user?.role ?? 'viewer',
    site: user?.site ?? null,
  });
  const create = useCreateUser();
  const update = useUpdateUser();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const password = String(form.get('password'));
    if (user) update.mutate({ id: user.id, ...wish, ...(password === '' ? {} : { password }) }, { onSuccess: onDone });
    else create.mutate({ name: String(form.get('name')), password, ...wish }, { onSuccess: onDone });
  };
  return (
    <form onSubmit={submit} className="mt-3 flex flex-col gap-3">
      {!user && (
        <Field
          label="Name"
          name="name"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          required
          autoFocus
        />
      )}
      <RoleFields {...wish} onChange={setWish} />
      <Field
        label={user ? 'New password' : 'First password'}
        name="password"
        type="password"
        autoComplete="new-password"
        required={!user}
        hint={user ? 'Leave it empty to keep the old one.' : 'At least 12 characters. It can be changed under Account.'}
      />
      {user && <p className="text-xs text-ink-faint">A change ends the sessions of {user.name}.</p>}
      <FormProblem error={create.error ?? update.error} />
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" kind="primary" pending={create.isPending || update.isPending}>
          {user ? 'Save' : 'Add user'}
        </Button>
      </div>
    </form>
  );
}
