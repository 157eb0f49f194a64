import type { Metadata } from 'next';
import { Guarded } from '../../_lib/guard';
import { TokensPage } from '../../components/access/tokens-page';

export const metadata: Metadata = { title: 'API tokens' };

/** What machines get in with. */
export default function Page() {
  return (
    <Guarded need="admin">
      <TokensPage />
    </Guarded>
  );
}
