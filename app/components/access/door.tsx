import type { ReactNode } from 'react';

/** The frame of the pages for who is not in yet. */
export function Door({ title, children, foot }: { title: string; children: ReactNode; foot?: ReactNode }) {
  return (
    <div className="graticule flex flex-1 items-center justify-center p-4 sm:p-8">
      <section className="flex w-full max-w-sm flex-col gap-4 rounded-lg border border-line bg-surface p-5 shadow-xl sm:p-6">
        <h1 className="text-lg font-semibold">{title}</h1>
        {children}
        {foot && <div className="border-t border-line pt-3 text-xs text-ink-faint">{foot}</div>}
      </section>
    </div>
  );
}
