import { redirect } from 'next/navigation';
import { callerOfPage, Guarded } from '../_lib/guard';

/** The first page of the settings that is of use to who asks. */
export default async function Page() {
  const me = await callerOfPage();
  return (
    <Guarded need="signed-in">
      <GoOn to={me?.grants.admin ? '/settings/users' : '/settings/account'} />
    </Guarded>
  );
}

function GoOn({ to }: { to: string }): never {
  redirect(to);
}
