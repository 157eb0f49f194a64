import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import type { ReactNode } from 'react';
import type { Me } from '@/lib/api/access-schemas';
import { loadConfig } from '@/lib/config';
import { type AccessNeed, refusal } from '@/lib/domain/access';
import { isFieldlineError } from '@/lib/errors';
import { LOCAL } from '@/services/access/access';
import { getAccess } from '@/services/access/global';
import { meOf } from '@/services/operations/access/views';
import { NotAllowed } from '../components/access/not-allowed';

/** Who asks for a page; null when nobody is signed in, or what they show is not right. */
export async function callerOfPage(): Promise<Me | null> {
  const access = getAccess();
  if (!access) return loadConfig().access.mode === 'off' ? meOf(null, LOCAL) : null;
  try {
    const caller = await access.recognise({ method: 'GET', headers: await headers() });
    return caller && meOf(access, caller);
  } catch (error) {
    if (isFieldlineError(error)) return null;
    throw error;
  }
}

/** What every page stands in, but those for strangers: it relies on no door before it. A test looks at all of them. */
export async function Guarded({ need, children }: { need: AccessNeed; children: ReactNode }) {
  const me = await callerOfPage();
  if (!me) redirect('/sign-in');
  const why = refusal(me.grants, need);
  return why === null ? children : <NotAllowed why={why} who={me.name} />;
}
