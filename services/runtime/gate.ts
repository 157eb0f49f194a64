/** Holds services back until their site's fabric is provisioned. */
export class FabricGate {
  #open = false;
  #failure: unknown = null;
  readonly #waiting = new Set<() => void>();

  open(): void {
    this.#open = true;
    this.#failure = null;
    this.#tell();
  }

  /** Services that wait, and those that come while this lasts, are told why. */
  fail(error: unknown): void {
    this.#open = false;
    this.#failure = error;
    this.#tell();
  }

  /** Resolves when open; rejects with the reason while it can not be opened, or when the signal aborts. */
  async pass(signal: AbortSignal): Promise<void> {
    while (!this.#open) {
      signal.throwIfAborted();
      if (this.#failure !== null) throw this.#failure;
      await new Promise<void>((resolve) => {
        const finish = () => {
          this.#waiting.delete(finish);
          signal.removeEventListener('abort', finish);
          resolve();
        };
        this.#waiting.add(finish);
        signal.addEventListener('abort', finish, { once: true });
      });
    }
  }

  #tell(): void {
    for (const callback of [...this.#waiting]) callback();
  }
}
