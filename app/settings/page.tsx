import type { Metadata } from 'next';
import { SettingsPage } from '../components/settings/settings-page';

export const metadata: Metadata = { title: 'Settings' };

/** What the sites stand on, and how to connect them elsewhere. */
export default function Page() {
  return <SettingsPage />;
}
