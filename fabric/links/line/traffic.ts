/**
 * What went over the link, and how much it can carry.
 *
 * Capacity is seen only while the link is the bottleneck. Both our protocols answer a request as fast as they can once they begin
 * to answer, so the time between two chunks of one answer is the link's, while the time before the first is the other side's. A link that is
 * quicker than what it is asked for never is the bottleneck: of it is known only that it carried an answer in the time since the question.
 */

/** A sample needs this much, so that one late packet does not make a figure. */
const SAMPLE_BYTES_MIN = 16 * 1024;
const SAMPLE_MS_MIN = 2;
/** So much of an answer may come as its sender gets ready with it: the parts of a TLS handshake do. */
const LEAD_BYTES = 6 * 1024;
/** A smaller answer says nothing: a part of one that was asked for before may be what came so soon. */
const PROOF_BYTES_MIN = 2 * 1024;
const PROOF_MS_MIN = 1;
/** A longer silence within an answer is a stall, not a rate. */
const STALL_MS = 5_000;
/** Weight of the newest sample: follows a link that changes within a few samples. */
const SAMPLE_WEIGHT = 0.3;
const MS_PER_SECOND = 1000;

/** The meter of one connection. */
export interface ConnectionMeter {
  sent(bytes: number): void;
  received(bytes: number): void;
}

export class TrafficMeter {
  bytesIn = 0;
  bytesOut = 0;
  #estimate: number | null = null;
  #proven: number | null = null;
  #busyBytes = 0;
  #busyMs = 0;
  /** Busy intervals of several connections overlap; counted up to here. */
  #busyUntil = 0;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Bytes a second towards us; null before the first sample. */
  get estimatedBytesPerSecond(): number | null {
    return this.#estimate;
  }

  /** The link can carry this much or more, in bytes a second towards us; null before an answer that says so. */
  get provenBytesPerSecond(): number | null {
    return this.#proven;
  }

  /** Forgets both: the link has changed. */
  reset(): void {
    this.#estimate = null;
    this.#proven = null;
    this.#busyBytes = 0;
    this.#busyMs = 0;
  }

  connection(): ConnectionMeter {
    /** When the last chunk of the running answer came; null: an answer has yet to begin. */
    let lastAt: number | null = null;
    /** When the question was sent that is answered now, and how much of the answer has come. */
    let askedAt: number | null = null;
    let answered = 0;
    return {
      sent: (bytes) => {
        this.bytesOut += bytes;
        // Of a question in parts, the first: the answer took no longer than since then.
        if (askedAt === null || lastAt !== null) askedAt = this.now();
        lastAt = null;
        answered = 0;
      },
      received: (bytes) => {
        this.bytesIn += bytes;
        const at = this.now();
        answered += bytes;
        if (askedAt !== null) this.#carried(answered, at - askedAt);
        if (lastAt !== null && answered > LEAD_BYTES && at - lastAt < STALL_MS) this.#busy(bytes, lastAt, at);
        lastAt = at;
      },
    };
  }

  #carried(bytes: number, ms: number): void {
    if (bytes < PROOF_BYTES_MIN) return;
    this.#proven = Math.max(this.#proven ?? 0, (bytes / Math.max(ms, PROOF_MS_MIN)) * MS_PER_SECOND);
  }

  #busy(bytes: number, from: number, until: number): void {
    this.#busyBytes += bytes;
    this.#busyMs += until - Math.max(from, Math.min(this.#busyUntil, until));
    this.#busyUntil = until;
    if (this.#busyBytes < SAMPLE_BYTES_MIN || this.#busyMs < SAMPLE_MS_MIN) return;
    const sample = (this.#busyBytes / this.#busyMs) * MS_PER_SECOND;
    this.#estimate = this.#estimate === null ? sample : this.#estimate + SAMPLE_WEIGHT * (sample - this.#estimate);
    this.#busyBytes = 0;
    this.#busyMs = 0;
  }
}
