'use client';
import { LogIn } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { signIn } from '@/lib/queries/access';
import { Button } from '../ui/button';
import { Field } from '../ui/field';
import { Note } from '../ui/notes';
import { FormProblem } from './form-problem';

/** A sentence for each reason that the provider's way back ends here. */
const REFUSED: Record<string, string> = {
  state: 'That sign-in took too long, or was used already. Begin again.',
  provider:
    'The provider’s answer was not accepted. If it happens again, tell an administrator: the audit log says why.',
  role: 'You are known, but in no group that has a role here. Ask an administrator.',
};

/** Name and password, and the provider where there is one. */
export function SignInForm({
  next,
  provider,
  refused,
}: {
  next: string;
  provider: string | null;
  refused: string | null;
}) {
  const [failure, setFailure] = useState<unknown>(null);
  const [pending, setPending] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setPending(true);
    setFailure(null);
    try {
      await signIn({ name: String(form.get('name')), password: String(form.get('password')) });
      // A whole load: what the pages held for nobody is gone.
      window.location.assign(next);
    } catch (error) {
      setFailure(error);
      setPending(false);
    }
  };
  return (
    <>
      {refused && <Note tone="attention">{REFUSED[refused] ?? REFUSED.provider}</Note>}
      {provider && (
        <>
          <a
            href={`/api/sign-in/oidc?next=${encodeURIComponent(next)}`}
            className="flex h-9 items-center justify-center rounded-md bg-accent px-3 text-sm font-medium text-accent-ink hover:brightness-110"
          >
            Continue with {provider}
          </a>
          <p className="flex items-center gap-3 text-2xs text-ink-faint before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
            or with a name of this server
          </p>
        </>
      )}
      <form onSubmit={submit} className="flex flex-col gap-3">
        <Field
          label="Name"
          name="name"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          autoFocus
        />
        <Field label="Password" name="password" type="password" autoComplete="current-password" required />
        <FormProblem error={failure} />
        <Button type="submit" kind={provider ? 'plain' : 'primary'} icon={LogIn} pending={pending} className="h-9">
          Sign in
        </Button>
      </form>
    </>
  );
}
