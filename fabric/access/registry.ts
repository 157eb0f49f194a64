/** Which edges may come in, and who is invited to become one: verifiers and hashes, never a password or a token. */
import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { type Clock, systemClock } from '@/lib/clock/clock';
import { FieldlineError } from '@/lib/errors';
import type { ScramVerifiers } from '@/lib/sasl/scram';
import { JsonFile } from '../state/json-file';
import type { Grants } from './principal';

/** Its owner alone may read the file. */
const MODE = 0o600;
const EDGES_MAX = 1000;
const INVITATIONS_MAX = 100;
const SECRET_BYTES = 32;

export interface EnrolledEdge {
  edge: string;
  verifiers: ScramVerifiers;
  grants: Grants;
  enrolledAt: number;
  /** Null: it may come in. */
  revokedAt: number | null;
}
interface Invitation {
  id: string;
  edge: string;
  grants: Grants;
  /** SHA-256 of the secret, in hex. */
  secretHash: string;
  createdAt: number;
  expiresAt: number;
}
interface State {
  edges: EnrolledEdge[];
  invitations: Invitation[];
}

const hashOf = (secret: string) => createHash('sha256').update(secret).digest();

export class EdgeRegistry {
  private constructor(
    private readonly file: JsonFile<State>,
    private readonly clock: Clock,
  ) {}

  /** Fails with DATA_DIR_UNUSABLE when the file is damaged: nobody is let in by mistake. */
  static async open(file: string, clock: Clock = systemClock): Promise<EdgeRegistry> {
    return new EdgeRegistry(await JsonFile.open<State>(file, { edges: [], invitations: [] }, MODE), clock);
  }

  get(edge: string): EnrolledEdge | undefined {
    return this.file.value.edges.find((one) => one.edge === edge);
  }

  edges(): readonly EnrolledEdge[] {
    return this.file.value.edges;
  }

  /** Invitations that still hold, without what proves them. */
  invitations(): { edge: string; createdAt: number; expiresAt: number }[] {
    const now = this.clock.now();
    return this.file.value.invitations
      .filter(({ expiresAt }) => expiresAt > now)
      .map(({ edge, createdAt, expiresAt }) => ({ edge, createdAt, expiresAt }));
  }

  /** Durable when it resolves; an earlier invitation of the same edge ends. The secret is told once, here. */
  async invite(
    edge: string,
    grants: Grants,
    lifetimeMs: number,
  ): Promise<{ id: string; secret: string; expiresAt: number }> {
    const secret = randomBytes(SECRET_BYTES).toString('base64url');
    const now = this.clock.now();
    const invitation: Invitation = {
      id: randomUUID(),
      edge,
      grants,
      secretHash: hashOf(secret).toString('hex'),
      createdAt: now,
      expiresAt: now + lifetimeMs,
    };
    const others = this.file.value.invitations.filter((one) => one.edge !== edge && one.expiresAt > now);
    if (others.length >= INVITATIONS_MAX)
      throw new FieldlineError('CONFLICT', `${INVITATIONS_MAX} edges are invited already; wait until some have come`);
    await this.file.update((state) => ({ ...state, invitations: [...others, invitation] }));
    return { id: invitation.id, secret, expiresAt: invitation.expiresAt };
  }

  /**
   * Makes an edge of whoever shows an invitation: once, also when two show it at the same time. Fails with UNAUTHENTICATED when there is no
   * such invitation (any more). Durable when it resolves.
   */
  async accept(id: string, secret: string, verifiers: ScramVerifiers): Promise<EnrolledEdge> {
    const now = this.clock.now();
    const invitation = this.file.value.invitations.find((one) => one.id === id);
    const isRight = timingSafeEqual(hashOf(secret), Buffer.from(invitation?.secretHash ?? '0'.repeat(64), 'hex'));
    if (!invitation || !isRight || invitation.expiresAt <= now)
      throw new FieldlineError(
        'UNAUTHENTICATED',
        'This enrolment token does not hold: it was used, has expired, or is not whole',
        {
          remedy: 'Make a new one at HQ',
        },
      );
    const { edge, grants } = invitation;
    if (this.file.value.edges.length >= EDGES_MAX && !this.get(edge))
      throw new FieldlineError('CONFLICT', `${EDGES_MAX} edges are enrolled already`);
    const enrolled: EnrolledEdge = { edge, grants, verifiers, enrolledAt: now, revokedAt: null };
    // In one step before anything is awaited: the second of two finds no invitation.
    await this.file.update(({ edges, invitations }) => ({
      edges: [...edges.filter((one) => one.edge !== edge), enrolled],
      invitations: invitations.filter((one) => one.id !== id),
    }));
    return enrolled;
  }

  /** Also ends an invitation that is under way. Fails with NOT_FOUND. Durable when it resolves. */
  async revoke(edge: string): Promise<void> {
    const known = this.get(edge);
    const invited = this.file.value.invitations.some((one) => one.edge === edge);
    if (!known && !invited) throw new FieldlineError('NOT_FOUND', `No edge "${edge}" is enrolled or invited`);
    const revokedAt = this.clock.now();
    await this.file.update(({ edges, invitations }) => ({
      edges: edges.map((one) => (one.edge === edge ? { ...one, revokedAt: one.revokedAt ?? revokedAt } : one)),
      invitations: invitations.filter((one) => one.edge !== edge),
    }));
  }
}
