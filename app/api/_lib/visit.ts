import { OPERATIONS, type Operation, type OperationId } from '@/lib/api/operations';
import type { FieldlineConfig } from '@/lib/config';
import { type AccessNeed, refusal } from '@/lib/domain/access';
import { asFieldlineError, FieldlineError } from '@/lib/errors';
import { LOCAL } from '@/services/access/access';
import type { Identity } from '@/services/access/contract';
import { getAccess } from '@/services/access/global';
import { getRuntime } from '@/services/runtime/global';
import { checkHost, checkIntent, checkOrigin } from './origin';

/** A stream is watched for its caller's right to it; an order of seconds, as the pages' own readings. */
const STILL_IN_INTERVAL_MS = 5000;

/** What a handler adds to its line in the audit log. */
export interface Remark {
  /** Who it turned out to be. */
  who?: Pick<Identity, 'id' | 'name' | 'via'>;
  target?: Readonly<Record<string, unknown>>;
  detail?: string;
  /** The call ended well, and what was wanted did not happen. */
  refused?: boolean;
}

/** One call on its way through the doors: who it is, whether it may, and its line in the audit log. */
export class Visit {
  readonly #access = getAccess();
  readonly #operation: Operation;
  readonly #remark: Remark & { target: Record<string, string> } = { target: {} };
  caller: Identity | null = null;

  constructor(
    readonly request: Request,
    readonly id: OperationId,
  ) {
    this.#operation = OPERATIONS[id];
  }

  /** Finds out who calls, and from where. Fails with FORBIDDEN, UNAUTHENTICATED, RATE_LIMITED; with UNAVAILABLE before access control is up. */
  async admit(): Promise<void> {
    checkHost(this.request.headers, this.#config);
    this.caller = await this.#identify();
    checkOrigin(this.request, this.#config.access.publicUrl);
    if (this.caller) checkIntent(this.request, this.caller);
  }

  /** Null where nobody is needed. */
  async #identify(): Promise<Identity | null> {
    if (this.#config.access.mode === 'off') return LOCAL;
    if (!this.#access) throw new FieldlineError('UNAVAILABLE', 'This server is still starting');
    if (this.#operation.access === 'public') {
      await this.#access.parts.callThrottle.count({ address: this.#access.originOf(this.request).address });
      return null;
    }
    const caller = await this.#access.identify(this.request);
    if (caller) return caller;
    throw new FieldlineError('UNAUTHENTICATED', 'Nobody is signed in', { remedy: 'Sign in' });
  }

  /** Fails with FORBIDDEN where the caller may not do this, at this site. */
  demand(need: AccessNeed, site: string | undefined): void {
    const why = this.caller && refusal(this.caller.grants, need, site);
    if (why) throw new FieldlineError('FORBIDDEN', why, { remedy: 'Ask an administrator' });
  }

  /** Aborts when the caller has gone, and soon after its session or token is over. */
  signal(): AbortSignal {
    const { caller, request } = this;
    const access = this.#access;
    if (!access?.isOn || !caller) return request.signal;
    const over = new AbortController();
    const timer = setInterval(() => {
      if (access.isStillIn(caller)) return;
      clearInterval(timer);
      over.abort();
    }, STILL_IN_INTERVAL_MS);
    timer.unref();
    request.signal.addEventListener('abort', () => clearInterval(timer), { once: true });
    return AbortSignal.any([request.signal, over.signal]);
  }

  tell({ who, target = {}, detail, refused }: Remark): void {
    if (refused) this.#remark.refused = true;
    if (who) this.#remark.who = who;
    if (detail !== undefined) this.#remark.detail = detail;
    for (const [name, value] of Object.entries(target))
      if (value !== undefined) this.#remark.target[name] = typeof value === 'string' ? value : JSON.stringify(value);
  }

  /** Of a body, the fields that its operation names. */
  tellBody(body: unknown): void {
    const fields = Object.entries((body ?? {}) as object).filter(([name]) => this.#operation.audit?.includes(name));
    this.tell({ target: Object.fromEntries(fields) });
  }

  async done(): Promise<void> {
    if (this.#changes) await this.#note(this.#remark.refused ? 'refused' : 'done');
  }

  /** Also of reading, where somebody who is known asks for what they may not. */
  async failed(thrown: unknown): Promise<void> {
    const { code, message, httpStatus } = asFieldlineError(thrown);
    if (!this.#changes && !(code === 'FORBIDDEN' && this.caller)) return;
    // Whoever shows a wrong credential, or none, is dealt with where credentials are judged.
    if (this.caller === null && (this.#operation.access !== 'public' || code === 'RATE_LIMITED')) return;
    this.tell({ detail: code === 'INTERNAL' ? '' : message });
    await this.#note(httpStatus === 401 || httpStatus === 403 || httpStatus === 429 ? 'refused' : 'failed', code);
  }

  /** A cookie that opens nothing is taken away. */
  headersFor(thrown: unknown): Record<string, string> {
    const stale = this.#access && asFieldlineError(thrown).details.credential === 'session';
    return stale ? { 'set-cookie': this.#access!.cookies.write('fieldline-session', '') } : {};
  }

  get #config(): Pick<FieldlineConfig, 'app' | 'access'> {
    return this.#access?.config ?? getRuntime().config;
  }

  get #changes(): boolean {
    return this.#operation.method !== 'GET' || this.#operation.audit !== undefined;
  }

  async #note(result: 'done' | 'refused' | 'failed', code?: string): Promise<void> {
    if (!this.#access) return;
    const {
      who = this.caller ?? { id: '', name: this.#remark.target.name ?? '', via: '' },
      target,
      detail,
    } = this.#remark;
    await this.#access.note({
      who: { id: who.id, name: who.name, via: who.via },
      from: this.#access.originOf(this.request).address,
      what: this.id,
      target,
      result,
      ...(code ? { code } : {}),
      ...(detail ? { detail } : {}),
    });
  }
}
