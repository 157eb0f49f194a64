'use client';
import type { StatusStyle } from '@/lib/domain/status';
import { useConnection } from '@/lib/ui-state/connection';
import { StatusBadge } from '../ui/status-badge';

const STYLES: Record<'connecting' | 'live' | 'lost', StatusStyle> = {
  connecting: { label: 'Connecting', tone: 'waiting', icon: 'LoaderCircle', hint: 'This page is reaching its server.' },
  live: { label: 'Live', tone: 'ok', icon: 'Activity', hint: 'Changes appear here as they happen.' },
  lost: {
    label: 'Not live',
    tone: 'attention',
    icon: 'Unlink',
    hint: 'This page has lost its server; what it shows is old.',
  },
};

/** Whether this page hears from its server. */
export function ConnectionState() {
  const status = useConnection((connection) => connection.state.status);
  return (
    <span data-testid="connection" data-state={status}>
      <StatusBadge style={STYLES[status]} plain brief />
    </span>
  );
}
