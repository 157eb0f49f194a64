interface Engine {
  stop(): Promise<void>;
}

/** The engines of a test: stopped together, the last one first, also where one of them did not start. */
export class StartedEngines {
  readonly #running: Engine[] = [];

  /** Resolves when it runs. Rejects as the start does. */
  async add<T extends Engine>(starting: Promise<T>): Promise<T> {
    const engine = await starting;
    this.#running.push(engine);
    return engine;
  }

  async stop(): Promise<void> {
    for (let engine = this.#running.pop(); engine; engine = this.#running.pop()) await engine.stop();
  }
}
