/** Who is signed in, in memory and in `<dataDir>/access/sessions.json`, so that a restart signs nobody out. */
import { z } from 'zod';
import { ROLES } from '@/lib/domain/access';
import type { RecordFile } from './record-file';
import { digestOf, newSecret } from './secrets';

/** Without a call or an open page for this long, a session is over. */
export const SESSION_IDLE_MS_MAX = 2 * 60 * 60 * 1000;
/** After this, one signs in again whatever happened (NIST SP 800-63B, 4.2.3: a working day). */
export const SESSION_MS_MAX = 12 * 60 * 60 * 1000;
/** Above this the one that was used longest ago ends: a bound of memory, far above any team. */
const SESSIONS_MAX = 10_000;
/** When a session was last used is written this often at most. */
const TOUCH_WRITE_MS = 60_000;
const ID_BYTES = 9;

export const SessionRecord = z.object({
  /** By which it is listed and revoked; says nothing of the secret. */
  id: z.string(),
  digest: z.string(),
  via: z.enum(['password', 'oidc']),
  /** `user:<id>` or `oidc:<subject>`. */
  owner: z.string(),
  name: z.string(),
  /** Of an `oidc` session, as the provider said; a local user's are looked up each time. */
  role: z.enum(ROLES).nullable(),
  site: z.string().nullable(),
  address: z.string(),
  agent: z.string(),
  createdAt: z.number(),
  seenAt: z.number(),
});
export type Session = z.infer<typeof SessionRecord>;
export type NewSession = Pick<Session, 'via' | 'owner' | 'name' | 'role' | 'site' | 'address' | 'agent'>;

export class Sessions {
  #writtenAt = 0;

  constructor(
    readonly file: RecordFile<Session>,
    readonly now: () => number,
    /** Told when sessions could not be written: they then end with the process. */
    readonly onUnwritten: (error: unknown) => void,
  ) {}

  /** A new session under a new secret, which is told once, here, for the cookie. */
  async begin(wish: NewSession): Promise<{ session: Session; secret: string }> {
    const secret = newSecret();
    const at = this.now();
    const session: Session = { ...wish, id: newSecret(ID_BYTES), digest: digestOf(secret), createdAt: at, seenAt: at };
    const alive = this.list().toSorted((a, b) => b.seenAt - a.seenAt);
    await this.#set([...alive.slice(0, SESSIONS_MAX - 1), session]);
    return { session, secret };
  }

  /** Those that are not over. */
  list(): Session[] {
    return this.file.records.filter((session) => !this.#isOver(session));
  }

  /** The session of a cookie; marks it as used. */
  find(secret: string): Session | null {
    const digest = digestOf(secret);
    const session = this.file.records.find((known) => known.digest === digest);
    if (!session || this.#isOver(session)) return null;
    this.touch(session);
    return session;
  }

  byId(id: string): Session | undefined {
    const session = this.file.records.find((known) => known.id === id);
    return session && !this.#isOver(session) ? session : undefined;
  }

  touch(session: Session): void {
    session.seenAt = this.now();
    if (session.seenAt - this.#writtenAt < TOUCH_WRITE_MS) return;
    void this.#set(this.list());
  }

  /** Ends those that match. Resolves with how many that were. */
  async end(matches: (session: Session) => boolean): Promise<number> {
    const before = this.list();
    const kept = before.filter((session) => !matches(session));
    if (kept.length < before.length) await this.#set(kept);
    return before.length - kept.length;
  }

  /** On a full disk sign-in and sign-out go on: who has to free it must get in. */
  async #set(sessions: readonly Session[]): Promise<void> {
    this.#writtenAt = this.now();
    await this.file.setFirst(sessions).catch(this.onUnwritten);
  }

  #isOver({ createdAt, seenAt }: Session): boolean {
    const now = this.now();
    return now - seenAt > SESSION_IDLE_MS_MAX || now - createdAt > SESSION_MS_MAX;
  }
}
