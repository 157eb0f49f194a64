'use client';
import { Building2, Globe, type LucideIcon, Settings2, TentTree } from 'lucide-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { HQ_SITE_ID } from '@/lib/domain/naming';
import { useSites } from '@/lib/queries/sites';
import { cx } from '../ui/cx';

export const sitePagePath = (site: { id: string; role: 'hq' | 'edge' }) =>
  site.role === 'hq' ? '/hq' : `/edge/${site.id}`;

/** The pages: the mission, HQ, every edge, and what the sites stand on. On a narrow page the sites scroll, between the first and the last. */
export function SiteNav() {
  const path = usePathname();
  const { data } = useSites();
  const edges = (data?.sites ?? []).filter((site) => site.role === 'edge');
  return (
    <nav aria-label="Pages" className="flex min-w-0 items-center gap-0.5">
      <PageLink href="/" label="Mission" icon={Globe} current={path === '/'} narrow="icon" />
      <div className="scroll-quiet flex min-w-0 items-center gap-0.5 overflow-x-auto">
        <PageLink
          href="/hq"
          label={HQ_SITE_ID.toUpperCase()}
          icon={Building2}
          current={path === '/hq'}
          narrow="label"
        />
        {edges.map((site) => {
          const href = sitePagePath(site);
          return (
            <PageLink
              key={site.id}
              href={href}
              label={site.id}
              icon={TentTree}
              current={path === href}
              narrow="label"
            />
          );
        })}
      </div>
      <PageLink
        href="/settings"
        label="Settings"
        icon={Settings2}
        current={path === '/settings' || path.startsWith('/settings/')}
        narrow="icon"
      />
    </nav>
  );
}

/** `narrow`: which of icon and label there is room for on a phone. */
function PageLink({
  href,
  label,
  icon: Icon,
  current,
  narrow,
}: {
  href: string;
  label: string;
  icon: LucideIcon;
  current: boolean;
  narrow: 'icon' | 'label';
}) {
  return (
    <Link
      href={href}
      title={narrow === 'icon' ? label : undefined}
      aria-current={current ? 'page' : undefined}
      className={cx(
        'flex h-8 shrink-0 items-center gap-1.5 rounded-md px-2 text-sm font-medium whitespace-nowrap focus-visible:-outline-offset-2',
        current ? 'bg-raised text-ink' : 'text-ink-faint hover:text-ink',
      )}
    >
      <Icon aria-hidden className={narrow === 'icon' ? 'size-4 sm:size-3.5' : 'hidden size-3.5 sm:block'} />
      <span className={narrow === 'icon' ? 'sr-only sm:not-sr-only' : undefined}>{label}</span>
    </Link>
  );
}
