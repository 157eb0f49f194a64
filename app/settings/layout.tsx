import type { ReactNode } from 'react';
import { Guarded } from '../_lib/guard';
import { SettingsNav } from '../components/access/settings-nav';

/** The frame of everything that is set up rather than worked with. What a page of it takes is said there. */
export default function Layout({ children }: { children: ReactNode }) {
  return (
    <Guarded need="signed-in">
      <div className="mx-auto flex w-full max-w-6xl flex-col gap-4 p-3 sm:p-4 lg:flex-row lg:gap-6">
        <SettingsNav />
        <div className="flex min-w-0 flex-1 flex-col gap-4">{children}</div>
      </div>
    </Guarded>
  );
}
