/** Latency: hands on what enters, in order, after a time that may change between entries. */
export class DelayLine {
  #entries: { dueAt: number; bytes: number; run: () => void }[] = [];
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly latencyMs: () => number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Bytes on their way. */
  get bytes(): number {
    return this.#bytes;
  }

  enter(bytes: number, run: () => void): void {
    const latencyMs = this.latencyMs();
    if (latencyMs === 0 && this.#entries.length === 0) {
      run();
      return;
    }
    this.#entries.push({ dueAt: this.now() + latencyMs, bytes, run });
    this.#bytes += bytes;
    this.#arm();
  }

  /** Forgets what is on its way. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#entries = [];
    this.#bytes = 0;
  }

  #arm(): void {
    const first = this.#entries[0];
    if (this.#timer !== undefined || first === undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#release();
        this.#arm();
      },
      Math.max(0, Math.ceil(first.dueAt - this.now())),
    );
  }

  #release(): void {
    const now = this.now();
    for (let first = this.#entries[0]; first !== undefined && first.dueAt <= now; first = this.#entries[0]) {
      this.#entries.shift();
      this.#bytes -= first.bytes;
      first.run();
    }
  }
}
