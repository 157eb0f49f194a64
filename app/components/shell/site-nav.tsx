'use client';
import { Building2, Globe, Settings2, TentTree } from 'lucide-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { HQ_SITE_ID } from '@/lib/domain/naming';
import { useSites } from '@/lib/queries/sites';
import { cx } from '../ui/cx';

export const sitePagePath = (site: { id: string; role: 'hq' | 'edge' }) =>
  site.role === 'hq' ? '/hq' : `/edge/${site.id}`;

/** The pages: the mission, HQ, every edge, and what the sites stand on. */
export function SiteNav() {
  const path = usePathname();
  const { data } = useSites();
  const edges = (data?.sites ?? []).filter((site) => site.role === 'edge');
  const items = [
    { href: '/', label: 'Mission', icon: Globe },
    { href: '/hq', label: HQ_SITE_ID.toUpperCase(), icon: Building2 },
    ...edges.map((site) => ({ href: sitePagePath(site), label: site.id, icon: TentTree })),
    { href: '/settings', label: 'Settings', icon: Settings2 },
  ];
  return (
    <nav aria-label="Pages" className="scroll-quiet flex min-w-0 items-center gap-0.5 overflow-x-auto">
      {items.map(({ href, label, icon: Icon }) => {
        const current = path === href;
        return (
          <Link
            key={href}
            href={href}
            aria-current={current ? 'page' : undefined}
            className={cx(
              'flex h-8 items-center gap-1.5 rounded-md px-2 text-sm font-medium whitespace-nowrap focus-visible:-outline-offset-2',
              current ? 'bg-raised text-ink' : 'text-ink-faint hover:text-ink',
            )}
          >
            <Icon aria-hidden className="hidden size-3.5 sm:block" />
            {label}
          </Link>
        );
      })}
    </nav>
  );
}
