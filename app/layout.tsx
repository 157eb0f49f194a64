import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import './globals.css';
import type { Metadata, Viewport } from 'next';
import { cookies } from 'next/headers';
import type { ReactNode } from 'react';
import { callerOfPage } from './_lib/guard';
import { AppHeader, StrangersHeader } from './components/shell/app-header';
import { appearanceFrom } from './components/shell/appearance';
import { ConnectionBanner } from './components/shell/connection-banner';
import { Toaster } from './components/ui/toaster';
import { Providers } from './providers';

export const metadata: Metadata = {
  title: { default: 'Fieldline', template: '%s · Fieldline' },
  description: 'Headquarters announces everything; a field team brings exactly what it asks for.',
  icons: { icon: '/icon.svg' },
};
export const viewport: Viewport = { width: 'device-width', initialScale: 1, colorScheme: 'dark light' };

/** The frame of every page. The look is read from a cookie, so that the first paint is already right, without a script. */
export default async function RootLayout({ children }: { children: ReactNode }) {
  const { theme, contrast } = appearanceFrom(await cookies());
  const me = await callerOfPage();
  return (
    <html lang="en" data-theme={theme} data-contrast={contrast} suppressHydrationWarning>
      <body className="flex min-h-dvh flex-col">
        <Providers me={me}>
          <a
            href="#main"
            className="sr-only z-50 rounded-md bg-accent px-3 py-2 text-accent-ink focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
          >
            Skip to content
          </a>
          {me ? <AppHeader /> : <StrangersHeader />}
          {me && <ConnectionBanner />}
          <main id="main" tabIndex={-1} className="flex min-w-0 flex-1 flex-col outline-none">
            {children}
          </main>
          <Toaster />
        </Providers>
      </body>
    </html>
  );
}
