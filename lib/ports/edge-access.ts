/** One edge as HQ's doors know it. Times in ms since 1970. */
export interface EdgeCredentialState {
  edge: string;
  /** Null: never. */
  enrolledAt: number | null;
  /** Null: it may come in, if it is enrolled. */
  revokedAt: number | null;
  /** An invitation is under way, until then. */
  invitedUntil: number | null;
  lastSignInAt: number | null;
  lastAddress: string | null;
}

/** What happened at HQ's doors: refusals, and changes of who may come in. */
export interface DoorEvent {
  seq: number;
  /** Of the fabric's process: in another run the numbers begin anew. */
  run: string;
  at: number;
  kind: 'refused' | 'sign-in failed' | 'invited' | 'enrolled' | 'enrolment failed' | 'revoked';
  principal: string;
  address: string;
  door: 'kafka' | 'rest';
  /** Continues the principal's name: `write the topic …`. */
  what: string;
  count: number;
}

/** Who may come in at HQ's doors. Fails with UNAVAILABLE or TIMEOUT when the fabric does not answer. */
export interface EdgeAccess {
  list(): Promise<EdgeCredentialState[]>;
  /** A token, told once; an earlier one of the same edge ends. Fails with REQUEST_INVALID, CONFLICT. */
  invite(edge: string, options?: { lifetimeMs?: number }): Promise<{ token: string; expiresAt: number }>;
  /** At once, also for what is connected. Fails with NOT_FOUND. */
  revoke(edge: string): Promise<void>;
  /** What came after an event, oldest first; everything that is kept when there is none, or the fabric was started anew. */
  events(after?: Pick<DoorEvent, 'seq' | 'run'>): Promise<DoorEvent[]>;
  /** Days until the certificate of the doors ends. */
  certificateDaysLeft(): Promise<number | null>;
  close(): Promise<void>;
}
