'use client';
import { Cable, KeyRound, type LucideIcon, ScrollText, UserRound, Users } from 'lucide-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import type { AccessNeed } from '@/lib/domain/access';
import { refusal } from '@/lib/domain/access';
import { cx } from '../ui/cx';
import { Hint } from '../ui/hint';
import { useMe } from './me';

const PAGES: { href: string; label: string; icon: LucideIcon; need: AccessNeed }[] = [
  { href: '/settings', label: 'Connections', icon: Cable, need: 'admin' },
  { href: '/settings/account', label: 'Account', icon: UserRound, need: 'signed-in' },
  { href: '/settings/users', label: 'Users', icon: Users, need: 'admin' },
  { href: '/settings/tokens', label: 'API tokens', icon: KeyRound, need: 'admin' },
  { href: '/settings/audit', label: 'Audit log', icon: ScrollText, need: 'admin' },
];

/** The pages of the settings; one that is not allowed says why. */
export function SettingsNav() {
  const path = usePathname();
  const { grants } = useMe();
  return (
    <nav
      aria-label="Settings"
      className="flex shrink-0 flex-wrap gap-0.5 lg:sticky lg:top-16 lg:w-44 lg:flex-col lg:flex-nowrap lg:self-start"
    >
      {PAGES.map(({ href, label, icon: Icon, need }) => {
        const why = refusal(grants, need);
        const look = 'flex h-8 items-center gap-2 rounded-md px-2 text-sm font-medium whitespace-nowrap';
        if (why !== null)
          return (
            <Hint key={href} text={why}>
              <button type="button" aria-disabled className={cx(look, 'cursor-not-allowed text-ink-faint opacity-55')}>
                <Icon aria-hidden className="size-3.5" />
                {label}
              </button>
            </Hint>
          );
        const current = path === href;
        return (
          <Link
            key={href}
            href={href}
            aria-current={current ? 'page' : undefined}
            className={cx(
              look,
              'focus-visible:-outline-offset-2',
              current ? 'bg-raised text-ink' : 'text-ink-faint hover:text-ink',
            )}
          >
            <Icon aria-hidden className="size-3.5" />
            {label}
          </Link>
        );
      })}
    </nav>
  );
}
