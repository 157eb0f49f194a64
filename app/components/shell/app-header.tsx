'use client';
import Link from 'next/link';
import { useSites } from '@/lib/queries/sites';
import { AccountMenu } from './account-menu';
import { ConnectionState } from './connection-state';
import { SiteNav } from './site-nav';
import { ThemeMenu } from './theme-menu';

/** The frame's head: where you are, and whether what you see is live. */
export function AppHeader() {
  const { data } = useSites();
  return (
    <header className="sticky top-0 z-30 flex h-12 items-center gap-2 border-b border-line bg-ground/95 px-3 backdrop-blur-sm sm:gap-4 sm:px-4">
      <Link href="/" aria-label="Fieldline: the mission" className="flex items-center gap-2 rounded-md">
        <Mark />
        <span className="hidden text-base font-semibold tracking-tight md:inline">Fieldline</span>
      </Link>
      <SiteNav />
      <div className="ml-auto flex items-center gap-1 sm:gap-3">
        {data && (
          <span className="hidden text-xs text-ink-faint lg:inline">
            mission <span className="text-ink-soft">{data.mission}</span>
            {data.demo && <span className="ml-2 rounded-sm border border-line px-1 py-0.5 text-2xs">demo</span>}
          </span>
        )}
        <ConnectionState />
        <ThemeMenu />
        <AccountMenu />
      </div>
    </header>
  );
}

/** For who is not in yet: the name of the place. */
export const StrangersHeader = () => (
  <header className="flex h-12 items-center gap-2 border-b border-line px-3 sm:px-4">
    <Mark />
    <span className="text-base font-semibold tracking-tight">Fieldline</span>
    <div className="ml-auto">
      <ThemeMenu />
    </div>
  </header>
);

/** Field lines between two poles. */
const Mark = () => (
  <svg viewBox="0 0 24 24" className="size-6" aria-hidden fill="none" stroke="currentColor" strokeWidth="1.6">
    <path d="M4 12C8 4 16 4 20 12" className="text-accent" stroke="currentColor" />
    <path d="M4 12h16" />
    <path d="M4 12c4 8 12 8 16 0" className="text-accent" stroke="currentColor" />
    <circle cx="4" cy="12" r="2.4" fill="currentColor" stroke="none" />
    <circle cx="20" cy="12" r="2.4" fill="currentColor" stroke="none" />
  </svg>
);
