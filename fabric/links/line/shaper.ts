/**
 * One direction of a link with limited capacity: a token bucket that all connections share, served round robin, so that a
 * large file leaves room for a small message.
 */

/** A piece is what the link carries in this time: small enough to be fair and smooth, large enough to be cheap. */
const PIECE_MS = 20;
const PIECE_BYTES_MAX = 16 * 1024;
/** Tokens saved up while idle: the burst that an idle link lets through at once. */
const BURST_MS = 50;
const MS_PER_SECOND = 1000;

/** One connection's queue in a shaper. */
export interface Flow {
  readonly queuedBytes: number;
  push(chunk: Buffer): void;
  /** Calls back once everything pushed before has been delivered. */
  afterAll(callback: () => void): void;
  /** Drops what is queued. */
  close(): void;
}

interface FlowState {
  queue: (Buffer | (() => void))[];
  bytes: number;
  deliver: (chunk: Buffer) => void;
  closed: boolean;
}

export class Shaper {
  #bytesPerSecond: number | null = null;
  #tokens = 0;
  #filledAt: number;
  #timer: NodeJS.Timeout | undefined;
  /** Flows with something queued, the next to be served first. */
  #waiting: FlowState[] = [];
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#filledAt = now();
  }

  /** Null: no limit. Takes effect at once, also for what is queued. */
  setRate(bytesPerSecond: number | null): void {
    this.#refill();
    this.#bytesPerSecond = bytesPerSecond;
    this.#tokens = 0;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#serve();
  }

  flow(deliver: (chunk: Buffer) => void): Flow {
    const state: FlowState = { queue: [], bytes: 0, deliver, closed: false };
    const enqueue = (item: Buffer | (() => void)) => {
      if (state.queue.push(item) === 1) this.#waiting.push(state);
      this.#serve();
    };
    return {
      get queuedBytes() {
        return state.bytes;
      },
      push: (chunk) => {
        if (state.closed) return;
        if (this.#bytesPerSecond === null && state.queue.length === 0) {
          deliver(chunk);
          return;
        }
        state.bytes += chunk.length;
        enqueue(chunk);
      },
      afterAll: (callback) => {
        if (state.queue.length === 0) callback();
        else enqueue(callback);
      },
      close: () => {
        state.closed = true;
        state.queue = [];
        state.bytes = 0;
        this.#waiting = this.#waiting.filter((other) => other !== state);
      },
    };
  }

  #refill(): void {
    const now = this.#now();
    const rate = this.#bytesPerSecond;
    if (rate !== null) {
      const earned = ((now - this.#filledAt) / MS_PER_SECOND) * rate;
      this.#tokens = Math.min(
        this.#tokens + earned,
        Math.max(this.#pieceBytes(rate), (rate * BURST_MS) / MS_PER_SECOND),
      );
    }
    this.#filledAt = now;
  }

  #pieceBytes(rate: number): number {
    return Math.min(PIECE_BYTES_MAX, Math.max(1, Math.floor((rate * PIECE_MS) / MS_PER_SECOND)));
  }

  #serve(): void {
    if (this.#timer !== undefined) return;
    this.#refill();
    for (let flow = this.#waiting[0]; flow !== undefined; flow = this.#waiting[0]) {
      const head = flow.queue[0]!;
      const rate = this.#bytesPerSecond;
      if (typeof head !== 'function' && rate !== null) {
        const needed = Math.min(head.length, this.#pieceBytes(rate));
        if (this.#tokens < needed) {
          const waitMs = Math.ceil(((needed - this.#tokens) / rate) * MS_PER_SECOND);
          this.#timer = setTimeout(() => {
            this.#timer = undefined;
            this.#serve();
          }, waitMs);
          return;
        }
      }
      this.#serveOne(flow, head, rate);
    }
  }

  #serveOne(flow: FlowState, head: Buffer | (() => void), rate: number | null): void {
    this.#waiting.shift();
    flow.queue.shift();
    if (typeof head === 'function') {
      if (flow.queue.length > 0) this.#waiting.push(flow);
      head();
      return;
    }
    const take = rate === null ? head.length : Math.min(head.length, this.#pieceBytes(rate));
    if (rate !== null) this.#tokens -= take;
    if (take < head.length) flow.queue.unshift(head.subarray(take));
    flow.bytes -= take;
    // At the back before the delivery, which may push more or close the flow.
    if (flow.queue.length > 0) this.#waiting.push(flow);
    flow.deliver(take < head.length ? head.subarray(0, take) : head);
  }
}
