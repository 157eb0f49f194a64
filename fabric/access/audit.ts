import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '@/lib/clock/clock';
import type { FabricLog } from '../logger';

/** Kept for whoever asks; older ones are in the log only. */
const EVENTS_MAX = 1000;
/** The same refusal again within this only counts: a client that tries on and on must not push everything else out. */
const REPEAT_MS = 60_000;

export type AccessEventKind = 'refused' | 'sign-in failed' | 'invited' | 'enrolled' | 'enrolment failed' | 'revoked';

export interface AccessEvent {
  /** Counts up from 1 within one `run`. */
  seq: number;
  /** Of this process: after a restart the numbers begin anew. */
  run: string;
  at: number;
  kind: AccessEventKind;
  /** Who did it, as far as it is known. */
  principal: string;
  address: string;
  door: 'kafka' | 'rest';
  /** What was tried, in words: `write the topic missionx.replicated.X.bravo`. Never a secret. */
  what: string;
  /** How often it was tried, since the first time. */
  count: number;
}

/** What happened at the doors that an auditor wants to know: refusals, and changes of who may get in. */
export class AccessAudit {
  readonly #events: AccessEvent[] = [];
  readonly #run = randomUUID();
  readonly #log: FabricLog;
  readonly #clock: Clock;
  #seq = 0;

  constructor(log: FabricLog, clock: Clock = systemClock) {
    this.#log = log;
    this.#clock = clock;
  }

  record(event: Pick<AccessEvent, 'kind' | 'principal' | 'address' | 'door' | 'what'>): void {
    const at = this.#clock.now();
    const same = this.#events.find(
      (known) =>
        at - known.at < REPEAT_MS &&
        known.kind === event.kind &&
        known.principal === event.principal &&
        known.address === event.address &&
        known.what === event.what,
    );
    if (same) {
      same.count += 1;
      return;
    }
    this.#seq += 1;
    this.#events.push({ ...event, seq: this.#seq, run: this.#run, at, count: 1 });
    if (this.#events.length > EVENTS_MAX) this.#events.shift();
    const { kind, ...data } = event;
    const isTrouble = kind === 'refused' || kind === 'sign-in failed' || kind === 'enrolment failed';
    this.#log[isTrouble ? 'warn' : 'info'](`Access: ${kind}`, { ...data });
  }

  /** What came after event `seq` of this run; everything when the caller knows another run. */
  after(seq: number, run: string | undefined): AccessEvent[] {
    return this.#events.filter((event) => run !== this.#run || event.seq > seq);
  }
}
