/** Who gets into a fabric: the site's own services with the site's credential, and edges with theirs. */
import { createHmac, randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { type Clock, systemClock } from '@/lib/clock/clock';
import { FieldlineError } from '@/lib/errors';
import { isLoopbackHost } from '@/lib/net/loopback';
import {
  ITERATIONS_MIN,
  makeVerifiers,
  matchesVerifier,
  type ScramMechanism,
  type ScramVerifier,
  type ScramVerifiers,
} from '@/lib/sasl/scram';
import type { FabricLog } from '../logger';
import { AccessAudit, type AccessEvent } from './audit';
import { FailureLimit } from './failure-limit';
import type { Principal } from './principal';
import { EdgeRegistry } from './registry';

export interface Credentials {
  username: string;
  password: string;
}

const PASSWORD_LENGTH_MAX = 1024;

/** Where an attempt came from. */
export interface Attempt {
  address: string;
  door: AccessEvent['door'];
}

export class FabricAccess {
  readonly #own: { name: string; verifiers: ScramVerifiers };
  readonly #limit: FailureLimit;
  readonly #principals = new Map<string, { principal: Principal; end: AbortController }>();
  /** Passwords that were right, as keyed digests: to derive a key from each call's password would cost milliseconds. */
  readonly #right = new Map<string, string>();
  readonly #key = randomBytes(32);
  readonly #clock: Clock;
  readonly #lastSeen = new Map<string, { at: number; address: string }>();

  private constructor(
    own: { name: string; verifiers: ScramVerifiers },
    readonly registry: EdgeRegistry,
    readonly audit: AccessAudit,
    clock: Clock,
  ) {
    this.#own = own;
    this.#clock = clock;
    this.#limit = new FailureLimit(clock);
  }

  /** `own`: the credential of the site's own services, which may do everything. Fails as EdgeRegistry.open. */
  static async open(options: { own: Credentials; file: string; log: FabricLog; clock?: Clock }): Promise<FabricAccess> {
    const { own, clock = systemClock } = options;
    const registry = await EdgeRegistry.open(options.file, clock);
    const verifiers = { name: own.username, verifiers: await makeVerifiers(own.password) };
    return new FabricAccess(verifiers, registry, new AccessAudit(options.log, clock), clock);
  }

  /** The name of the site's own services. */
  get ownName(): string {
    return this.#own.name;
  }

  /** When an edge was last let in, and from where. */
  lastSeen(edge: string): { at: number; address: string } | null {
    return this.#lastSeen.get(edge) ?? null;
  }

  /** Fails with AUTH_FAILED, or UNAVAILABLE while too many attempts from there have failed. */
  async signIn({ username, password }: Credentials, attempt: Attempt): Promise<Principal> {
    const digest = createHmac('sha256', this.#key).update(`${username}\0${password}`).digest('base64');
    const verifiers = this.#verifiersOf(username);
    if (verifiers && this.#right.get(username) === digest) return this.#seen(username, attempt);
    this.check(username, attempt);
    const known = verifiers?.['scram-sha-256'] ?? this.#nobodys('scram-sha-256', username);
    const matching =
      password.length <= PASSWORD_LENGTH_MAX && (await matchesVerifier('scram-sha-256', known, password));
    // Once more: it may have been taken back meanwhile.
    if (!matching || !verifiers || this.#verifiersOf(username) !== verifiers)
      throw this.refuse(username, attempt, digest);
    this.#right.set(username, digest);
    return this.signedIn(username, attempt);
  }

  /** Before an exchange. Fails with UNAVAILABLE while too many attempts from there have failed. */
  check(username: string, { address }: Attempt): void {
    // Another program on this machine must not be able to shut the site's own services out.
    if (username === this.#own.name && isLoopbackHost(address.replace(/^::ffff:/, ''))) return;
    if (!this.#limit.blocked(`${address} ${username}`)) return;
    throw new FieldlineError('UNAVAILABLE', 'Too many attempts to sign in have failed; try again in a minute');
  }

  /** Of a name that nobody has, or whose credential was taken back: a verifier that nobody knows, always the same one. */
  verifierOf(mechanism: ScramMechanism, username: string): ScramVerifier {
    return this.#verifiersOf(username)?.[mechanism] ?? this.#nobodys(mechanism, username);
  }

  /** After an exchange that proved the name. Fails with AUTH_FAILED when the credential was taken back meanwhile. */
  signedIn(username: string, attempt: Attempt): Principal {
    if (!this.#verifiersOf(username)) throw this.refuse(username, attempt);
    this.#limit.succeeded(`${attempt.address} ${username}`);
    return this.#seen(username, attempt);
  }

  /** Counts and audits a failed attempt (`tried`: as FailureLimit.failed); what the caller then throws. */
  refuse(username: string, attempt: Attempt, tried: string | null = null): FieldlineError {
    this.#limit.failed(`${attempt.address} ${username}`, tried);
    const revoked = this.registry.get(username)?.revokedAt != null;
    this.audit.record({
      ...attempt,
      kind: 'sign-in failed',
      principal: username.slice(0, 100),
      what: revoked ? 'sign in with a credential that was revoked' : 'sign in',
    });
    return new FieldlineError('AUTH_FAILED', 'The credentials were not accepted');
  }

  /** Audits what a principal may not do. */
  denied(principal: Principal, attempt: Attempt, what: string): void {
    this.audit.record({ ...attempt, kind: 'refused', principal: principal.name, what });
  }

  /** From now on it is let in no more, and what goes on in its name ends. Fails as EdgeRegistry.revoke. */
  async revoke(edge: string): Promise<void> {
    await this.registry.revoke(edge);
    this.end(edge);
  }

  /** Ends what goes on in the name of an edge: its credential is another one, or none. */
  end(edge: string): void {
    this.#right.delete(edge);
    this.#principals.get(edge)?.end.abort();
    this.#principals.delete(edge);
  }

  #verifiersOf(username: string): ScramVerifiers | null {
    if (username === this.#own.name) return this.#own.verifiers;
    const edge = this.registry.get(username);
    return edge && edge.revokedAt === null ? edge.verifiers : null;
  }

  #seen(username: string, { address }: Attempt): Principal {
    this.#lastSeen.set(username, { at: this.#clock.now(), address });
    let known = this.#principals.get(username);
    if (!known) {
      const end = new AbortController();
      // One for each connection in its name.
      setMaxListeners(0, end.signal);
      const grants = username === this.#own.name ? null : this.registry.get(username)!.grants;
      known = { end, principal: { name: username, grants, ended: end.signal } };
      this.#principals.set(username, known);
    }
    return known.principal;
  }

  #nobodys(mechanism: ScramMechanism, username: string): ScramVerifier {
    const bytes = (what: string) => createHmac('sha256', this.#key).update(`${what}\0${username}`).digest();
    const key = (what: string) =>
      createHmac(mechanism === 'scram-sha-256' ? 'sha256' : 'sha512', this.#key)
        .update(`${what}\0${username}`)
        .digest('base64');
    return {
      salt: bytes('salt').subarray(0, 24).toString('base64'),
      iterations: ITERATIONS_MIN,
      storedKey: key('stored'),
      serverKey: key('server'),
    };
  }
}
