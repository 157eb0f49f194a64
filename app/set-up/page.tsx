import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { getAccess } from '@/services/access/global';
import { Door } from '../components/access/door';
import { SetUpForm } from '../components/access/set-up-form';

export const metadata: Metadata = { title: 'Set up' };

/** For who has the one-time token; gone once there is an administrator. */
export default async function Page() {
  const access = getAccess();
  if (!access?.isOn || !access.parts.setUp.isOpen) redirect('/');
  return (
    <Door title="Set up the first administrator">
      <p className="text-sm text-ink-soft">Nobody can sign in yet. Whoever started this server has the token.</p>
      <SetUpForm
        tokenPlace={
          access.config.access.setupTokenFile
            ? 'It is in the file that the configuration names.'
            : 'The launcher showed it on its terminal, or named the file that holds it.'
        }
      />
    </Door>
  );
}
