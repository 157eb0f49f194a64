/**
 * What went over the link, and how much it can carry.
 *
 * Capacity is seen only while the link is the bottleneck. Both our protocols answer a request as fast as they can once they begin
 * to answer, so the time between two chunks of one answer is the link's, while the time before the first is the other side's.
 */

/** A sample needs this much, so that one late packet does not make a figure. */
const SAMPLE_BYTES_MIN = 16 * 1024;
const SAMPLE_MS_MIN = 2;
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
  #busyBytes = 0;
  #busyMs = 0;
  /** Busy intervals of several connections overlap; counted up to here. */
  #busyUntil = 0;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Bytes a second towards us; null before the first sample. */
  get estimatedBytesPerSecond(): number | null {
    return this.#estimate;
  }

  /** Forgets the estimate: the link has changed. */
  reset(): void {
    this.#estimate = null;
    this.#busyBytes = 0;
    this.#busyMs = 0;
  }

  connection(): ConnectionMeter {
    /** When the last chunk of the running answer came; null: an answer has yet to begin. */
    let lastAt: number | null = null;
    return {
      sent: (bytes) => {
        this.bytesOut += bytes;
        lastAt = null;
      },
      received: (bytes) => {
        this.bytesIn += bytes;
        const at = this.now();
        if (lastAt !== null && at - lastAt < STALL_MS) this.#busy(bytes, lastAt, at);
        lastAt = at;
      },
    };
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
