import type { Metadata } from 'next';
import { HqPage } from '../components/hq/hq-page';

export const metadata: Metadata = { title: 'HQ' };

/** The operator's dashboard. */
export default function Page() {
  return <HqPage />;
}
