import type { StatusStyle } from './status';

/** Where an edge stands with HQ's doors. */
export const EDGE_ACCESS_STYLE = {
  enrolled: {
    label: 'Enrolled',
    tone: 'ok',
    icon: 'CircleCheck',
    hint: 'It has a credential of its own and may come in.',
  },
  invited: {
    label: 'Invited',
    tone: 'waiting',
    icon: 'Clock',
    hint: 'A token is out; nobody has enrolled with it yet.',
  },
  revoked: {
    label: 'Revoked',
    tone: 'failed',
    icon: 'CircleSlash',
    hint: 'Its credential is good for nothing any more.',
  },
  expired: { label: 'Not enrolled', tone: 'off', icon: 'Circle', hint: 'It has no credential.' },
} as const satisfies Record<string, StatusStyle>;

export function edgeAccessState(edge: {
  enrolledAt: string | null;
  revokedAt: string | null;
  invitedUntil: string | null;
}): keyof typeof EDGE_ACCESS_STYLE {
  if (edge.enrolledAt && !edge.revokedAt) return 'enrolled';
  if (edge.invitedUntil) return 'invited';
  return edge.revokedAt ? 'revoked' : 'expired';
}
