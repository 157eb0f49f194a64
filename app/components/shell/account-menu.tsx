'use client';
import { LogOut, Settings, UserRound } from 'lucide-react';
import Link from 'next/link';
import { DropdownMenu } from 'radix-ui';
import { signOut } from '@/lib/queries/access';
import { showFailure } from '@/lib/ui-state/toasts';
import { useMe } from '../access/me';
import { Button } from '../ui/button';

const ITEM =
  'flex h-8 cursor-pointer items-center gap-2 rounded-md px-2 text-sm text-ink outline-none data-highlighted:bg-surface';

const leave = () =>
  signOut().then(
    () => window.location.assign('/sign-in'),
    (error: unknown) => showFailure('You could not be signed out', error),
  );

/** Who one is here, and the way out; nothing with access control off. */
export function AccountMenu() {
  const { mode, name, role, site, via } = useMe();
  if (mode === 'off') return null;
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>
        <Button kind="quiet" icon={UserRound} aria-label={`Account of ${name}`} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={6}
          className="z-50 min-w-52 rounded-lg border border-line-strong bg-raised p-1 shadow-xl"
        >
          {mode === 'on' && (
            <>
              <DropdownMenu.Label className="px-2 py-1.5">
                <p className="truncate text-sm font-medium text-ink">{name}</p>
                <p className="text-xs text-ink-faint">
                  {role ?? via}
                  {site && ` of ${site}`}
                </p>
              </DropdownMenu.Label>
              <DropdownMenu.Separator className="my-1 h-px bg-line" />
            </>
          )}
          <DropdownMenu.Item asChild className={ITEM}>
            <Link href="/settings/account">
              <Settings aria-hidden className="size-3.5" /> Account
            </Link>
          </DropdownMenu.Item>
          {(via === 'password' || via === 'oidc') && (
            <DropdownMenu.Item className={ITEM} onSelect={leave}>
              <LogOut aria-hidden className="size-3.5" /> Sign out
            </DropdownMenu.Item>
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
