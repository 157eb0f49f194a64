import type { Metadata } from 'next';
import { Guarded } from '../_lib/guard';
import { SettingsPage } from '../components/settings/settings-page';

export const metadata: Metadata = { title: 'Settings' };

/** What the sites stand on, and how to connect them elsewhere. */
export default function Page() {
  return (
    <Guarded need="admin">
      <SettingsPage />
    </Guarded>
  );
}
