'use client';
import { KeyRound } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { FieldlineError } from '@/lib/errors';
import { setUp } from '@/lib/queries/access';
import { Button } from '../ui/button';
import { Field } from '../ui/field';
import { FormProblem } from './form-problem';

/** The first administrator, by the one-time token. */
export function SetUpForm({ tokenPlace }: { tokenPlace: string }) {
  const [failure, setFailure] = useState<unknown>(null);
  const [pending, setPending] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name));
    if (text('password') !== text('again')) {
      setFailure(new FieldlineError('REQUEST_INVALID', 'The two passwords are not the same'));
      return;
    }
    setPending(true);
    setFailure(null);
    try {
      await setUp({ token: text('token'), name: text('name'), password: text('password') });
      window.location.assign('/');
    } catch (error) {
      setFailure(error);
      setPending(false);
    }
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <Field
        label="One-time token"
        name="token"
        type="password"
        autoComplete="off"
        required
        autoFocus
        hint={tokenPlace}
      />
      <Field label="Your name" name="name" autoComplete="username" autoCapitalize="none" spellCheck={false} required />
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete="new-password"
        required
        hint="At least 12 characters. A few unrelated words are good."
      />
      <Field label="Password again" name="again" type="password" autoComplete="new-password" required />
      <FormProblem error={failure} />
      <Button type="submit" kind="primary" icon={KeyRound} pending={pending} className="h-9">
        Make me the administrator
      </Button>
    </form>
  );
}
