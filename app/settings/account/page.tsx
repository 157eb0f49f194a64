import type { Metadata } from 'next';
import { Guarded } from '../../_lib/guard';
import { AccountPage } from '../../components/access/account-page';

export const metadata: Metadata = { title: 'Account' };

/** One's own password and sessions. */
export default function Page() {
  return (
    <Guarded need="signed-in">
      <AccountPage />
    </Guarded>
  );
}
