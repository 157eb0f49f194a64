/** Access control of this process: the one place that knows its parts. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { RateLimiterMemory } from 'rate-limiter-flexible';
import type { AuditEntry } from '@/lib/api/access-schemas';
import { type FieldlineConfig, readSecret } from '@/lib/config';
import { ALL_GRANTS } from '@/lib/domain/access';
import { errorMessage, FieldlineError } from '@/lib/errors';
import { type DirectoryLock, lockDirectory } from '@/lib/process/lock.mjs';
import { readProbeNote } from '@/lib/process/probe-note';
import { AuditLog } from './audit/log';
import type { Identity, Knock, Origin } from './contract';
import { cookieJar } from './cookies';
import { Identifier } from './identifier';
import { Oidc } from './oidc';
import { peerOf } from './peer';
import { RecordFile } from './record-file';
import { SessionRecord, Sessions } from './sessions';
import { SetUp } from './set-up';
import { CallThrottle, limiter, SignInThrottle } from './throttle';
import { TokenRecord, Tokens } from './tokens';
import { addressMatcher, forwardedAddress } from './trusted-proxy';
import { UserRecord, Users } from './users';

/** Who calls while access control is off. */
export const LOCAL: Identity = {
  id: 'local',
  name: 'this machine',
  via: 'none',
  role: 'admin',
  site: null,
  grants: ALL_GRANTS,
  sessionId: null,
};

export interface AccessOptions {
  config: FieldlineConfig;
  now?: () => number;
  /** Sentences for the process's log. */
  say: (sentence: string) => void;
}

/** Lines that one identity, or address without one, may add to the audit log a minute by what is refused. */
const REFUSALS_PER_MINUTE = 60;

/** What there is with access control on. */
interface Parts {
  users: Users;
  tokens: Tokens;
  sessions: Sessions;
  setUp: SetUp;
  signInThrottle: SignInThrottle;
  callThrottle: CallThrottle;
  refusals: RateLimiterMemory;
  identifier: Identifier;
  oidc: Oidc | null;
}

export class Access {
  readonly cookies;
  readonly audit: AuditLog;
  readonly #isTrusted: (address: string) => boolean;
  #parts: Parts | null = null;
  #lock: DirectoryLock | null = null;

  private constructor(
    readonly config: AccessOptions['config'],
    readonly now: () => number,
    say: (sentence: string) => void,
  ) {
    this.cookies = cookieJar(this.isSecure);
    this.#isTrusted = addressMatcher(config.access.trustedProxy?.addresses ?? []);
    this.audit = new AuditLog({
      directory: path.join(config.dataDir, 'access', 'audit'),
      writer: config.sites[0]!.id,
      now,
      onTrouble: say,
    });
  }

  /** Fails with DATA_DIR_UNUSABLE, and DATA_DIR_LOCKED when another process has this directory's users. */
  static async open({ config, now = Date.now, say }: AccessOptions): Promise<Access> {
    const access = new Access(config, now, say);
    try {
      if (config.access.mode === 'on') await access.#openParts(say);
      return access;
    } catch (error) {
      await access.close();
      throw error;
    }
  }

  get isOn(): boolean {
    return this.config.access.mode === 'on';
  }

  /** Browsers reach the app by TLS. */
  get isSecure(): boolean {
    return this.config.access.publicUrl?.startsWith('https:') ?? false;
  }

  /** Fails with UNSUPPORTED while access control is off. */
  get parts(): Parts {
    if (!this.#parts)
      throw new FieldlineError('UNSUPPORTED', 'Access control is off', {
        remedy: 'Set access.mode to "on" in the configuration (docs/access.md)',
      });
    return this.#parts;
  }

  /** Where a call comes from. */
  originOf({ headers }: Knock): Origin {
    const peer = peerOf(headers);
    const trusted = this.#isTrusted(peer);
    return { address: trusted ? forwardedAddress(headers, peer, this.#isTrusted) : peer, trusted };
  }

  /**
   * Who calls; null when nobody says who they are. Fails with UNAUTHENTICATED when what they show is not right (that is audited), with
   * FORBIDDEN when a proxy vouches for somebody who has no role, with RATE_LIMITED when there are too many calls.
   */
  async identify(knock: Knock): Promise<Identity | null> {
    const identity = await this.recognise(knock);
    if (identity && this.isOn && identity.via !== 'internal')
      await this.parts.callThrottle.count({ identity: identity.id });
    return identity;
  }

  /** As `identify`, where the call is counted for its identity elsewhere. Whoever shows none, or a wrong one, gets no further than here and is counted. */
  async recognise(knock: Knock): Promise<Identity | null> {
    if (!this.isOn) return LOCAL;
    const { identifier, callThrottle } = this.parts;
    const origin = this.originOf(knock);
    const ofStranger = () => callThrottle.count({ address: origin.address });
    const identity = await identifier.identify(knock, origin).catch(async (refused: unknown) => {
      await ofStranger();
      throw refused;
    });
    if (identity === null) await ofStranger();
    return identity;
  }

  /** Whether a caller known before would still be let in: false once the session or token is over. */
  isStillIn(identity: Identity): boolean {
    return !this.isOn || this.parts.identifier.isStillIn(identity);
  }

  /** Resolves when the line is on disk, as far as that is possible. Of refusals only so many: they must not push the rest out of the log. */
  async note(entry: Omit<AuditEntry, 'at'>): Promise<void> {
    if (entry.result === 'refused' && this.#parts) {
      const counted = await this.#parts.refusals.penalty(entry.who.id || entry.from);
      if (counted.consumedPoints > REFUSALS_PER_MINUTE) return;
    }
    return this.audit.write({ at: new Date(this.now()).toISOString(), ...entry });
  }

  async close(): Promise<void> {
    await this.audit.close();
    await this.#lock?.release();
    this.#lock = null;
  }

  async #openParts(say: (sentence: string) => void): Promise<void> {
    const { config, now } = this;
    const directory = path.join(config.dataDir, 'access');
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
    } catch (cause) {
      throw new FieldlineError(
        'DATA_DIR_UNUSABLE',
        `The directory ${directory} can not be used: ${errorMessage(cause)}`,
        { cause },
      );
    }
    this.#lock = await lockDirectory(directory, 'access');
    if (!this.#lock)
      throw new FieldlineError('DATA_DIR_LOCKED', `The users in ${directory} are in use by another process`, {
        remedy: 'With access control on, every launcher needs a data directory of its own',
      });
    const file = (name: string) => path.join(directory, `${name}.json`);
    const users = new Users(await RecordFile.open(file('users'), UserRecord), now);
    const tokens = new Tokens(await RecordFile.open(file('tokens'), TokenRecord), now);
    const sessions = new Sessions(await RecordFile.open(file('sessions'), SessionRecord), now, (error) =>
      say(`Who is signed in could not be written, and is forgotten at a restart: ${errorMessage(error)}`),
    );
    const { access } = config;
    this.#parts = {
      users,
      tokens,
      sessions,
      setUp: new SetUp({ directory, configured: access.setupTokenFile, hasAdmin: () => users.hasAdmin() }),
      signInThrottle: new SignInThrottle(),
      callThrottle: new CallThrottle(),
      refusals: limiter(1, 60),
      identifier: new Identifier({
        config: access,
        cookies: this.cookies,
        users,
        tokens,
        sessions,
        probeKey: readProbeNote({ dataDir: config.dataDir, siteId: config.sites[0]!.id })?.key ?? null,
        note: (entry) => this.note(entry),
      }),
      oidc: access.oidc ? new Oidc(access.oidc, access.publicUrl!, now, (name) => readSecret(config, name)) : null,
    };
  }
}
