import { LockKeyhole } from 'lucide-react';
import Link from 'next/link';

/** A page that somebody may not have: why, and where to go. */
export function NotAllowed({ why, who }: { why: string; who: string }) {
  return (
    <div
      className="graticule flex flex-1 flex-col items-center justify-center gap-2 p-8 text-center"
      data-testid="not-allowed"
    >
      <LockKeyhole aria-hidden className="size-6 text-off" strokeWidth={1.75} />
      <h1 className="text-xl font-semibold">Not allowed</h1>
      <p className="max-w-md text-sm text-ink-soft">
        {why}. You are signed in as <strong className="font-medium text-ink">{who}</strong>; an administrator can change
        what you may do.
      </p>
      <Link
        href="/"
        className="mt-2 rounded-md border border-line bg-raised px-3 py-1.5 text-sm font-medium hover:border-line-strong"
      >
        To the mission
      </Link>
    </div>
  );
}
