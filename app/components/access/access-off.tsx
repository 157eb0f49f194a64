'use client';
import type { ReactNode } from 'react';
import { Nothing } from '../ui/notes';
import { Panel } from '../ui/panel';
import { useMe } from './me';

/** What stands behind is of use with access control on only; off, this says so and what to do. */
export function WithAccess({ title, children }: { title: string; children: ReactNode }) {
  if (useMe().mode === 'on') return children;
  return (
    <Panel title={title}>
      <Nothing title="Access control is off">
        <p>
          Whoever reaches this server may do everything; it listens on this machine only. Set{' '}
          <code className="font-mono text-ink-soft">access.mode</code> to{' '}
          <code className="font-mono text-ink-soft">on</code> in the configuration to have users, roles and tokens.
        </p>
      </Nothing>
    </Panel>
  );
}
