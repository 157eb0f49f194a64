import type { Me, SessionInfo, TokenInfo, UserInfo } from '@/lib/api/access-schemas';
import type { Access } from '../../access/access';
import type { Identity } from '../../access/contract';
import type { Session } from '../../access/sessions';
import type { Token } from '../../access/tokens';
import type { User } from '../../access/users';

const iso = (ms: number) => new Date(ms).toISOString();

export const meOf = (access: Pick<Access, 'isOn'> | null, caller: Identity): Me => {
  const { id, name, via, role, site, grants } = caller;
  return { mode: access?.isOn ? 'on' : 'off', id, name, via, role, site, grants };
};

export const userView = ({ id, name, role, site, disabled, createdAt, changedAt }: User): UserInfo => ({
  id,
  name,
  role,
  site,
  disabled,
  createdAt: iso(createdAt),
  changedAt: iso(changedAt),
});

export const sessionView = (session: Session, current: string | null): SessionInfo => ({
  id: session.id,
  name: session.name,
  via: session.via,
  agent: session.agent,
  address: session.address,
  createdAt: iso(session.createdAt),
  seenAt: iso(session.seenAt),
  current: session.id === current,
});

export const tokenView = (token: Token & { usedAt?: number | null }, now: number): TokenInfo => ({
  id: token.id,
  name: token.name,
  scopes: token.scopes,
  createdAt: iso(token.createdAt),
  createdBy: token.createdBy,
  expiresAt: token.expiresAt === null ? null : iso(token.expiresAt),
  usedAt: token.usedAt == null ? null : iso(token.usedAt),
  expired: token.expiresAt !== null && token.expiresAt <= now,
});
