import type { Metadata } from 'next';
import { Guarded } from '../../_lib/guard';
import { UsersPage } from '../../components/access/users-page';

export const metadata: Metadata = { title: 'Users' };

/** Who gets in, and who is in. */
export default function Page() {
  return (
    <Guarded need="admin">
      <UsersPage />
    </Guarded>
  );
}
