'use client';
import { Tabs as Primitive } from 'radix-ui';
import type { ReactNode } from 'react';

export interface Tab {
  id: string;
  label: string;
  /** A figure beside the label; nothing when undefined. */
  count?: number | undefined;
  /** Draws the eye to the figure. */
  urgent?: boolean;
  content: ReactNode;
}

/** Takes the place of what Radix would write as style attributes, which the policy of pages lets markup not have. */
const NOTHING_INLINE = { outline: undefined, animationDuration: undefined };

/** Tabs whose choice is kept by the caller, usually in the URL. */
export function Tabs({
  tabs,
  value,
  onChange,
  label,
}: {
  tabs: Tab[];
  value: string;
  onChange: (id: string) => void;
  label: string;
}) {
  return (
    <Primitive.Root value={value} onValueChange={onChange} className="rounded-lg border border-line bg-surface">
      <Primitive.List
        aria-label={label}
        style={NOTHING_INLINE}
        className="scroll-quiet flex gap-1 overflow-x-auto border-b border-line px-2 outline-none"
      >
        {tabs.map((tab) => (
          <Primitive.Trigger
            key={tab.id}
            value={tab.id}
            className="-mb-px flex h-10 items-center gap-1.5 border-b-2 border-transparent px-2 text-sm font-medium whitespace-nowrap text-ink-faint hover:text-ink focus-visible:-outline-offset-2 data-[state=active]:border-accent data-[state=active]:text-ink"
          >
            {tab.label}
            {tab.count !== undefined && (
              <span
                className={
                  tab.urgent && tab.count > 0
                    ? 'rounded-full bg-failed/15 px-1.5 text-2xs font-semibold text-failed'
                    : 'rounded-full bg-raised px-1.5 text-2xs text-ink-soft'
                }
              >
                {tab.count}
              </span>
            )}
          </Primitive.Trigger>
        ))}
      </Primitive.List>
      {tabs.map((tab) => (
        <Primitive.Content key={tab.id} value={tab.id} asChild className="focus-visible:-outline-offset-2">
          <div style={NOTHING_INLINE}>{tab.content}</div>
        </Primitive.Content>
      ))}
    </Primitive.Root>
  );
}
