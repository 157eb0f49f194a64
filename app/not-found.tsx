import Link from 'next/link';

/** Any address that names nothing. */
export default function NotFound() {
  return (
    <div className="graticule flex flex-1 flex-col items-center justify-center gap-2 p-8 text-center">
      <p className="font-mono text-xs text-ink-faint">404</p>
      <h1 className="text-xl font-semibold">Nothing is at this address</h1>
      <p className="max-w-md text-sm text-ink-soft">
        The mission has no such page or site. A site that was added a moment ago appears in the list of pages above.
      </p>
      <Link
        href="/"
        className="mt-2 rounded-md border border-line bg-raised px-3 py-1.5 font-medium hover:border-line-strong"
      >
        To the mission
      </Link>
    </div>
  );
}
