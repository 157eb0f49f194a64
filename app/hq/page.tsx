import type { Metadata } from 'next';
import { Guarded } from '../_lib/guard';
import { HqPage } from '../components/hq/hq-page';

export const metadata: Metadata = { title: 'HQ' };

/** The operator's dashboard. */
export default function Page() {
  return (
    <Guarded need="viewer">
      <HqPage />
    </Guarded>
  );
}
