/** How the launcher tells what it does: sentences for a person, or a JSON line each where its output is collected as logs. */
import type { createLogger } from '@/lib/log/logger';

export class Voice {
  #log: ReturnType<typeof createLogger> | null = null;

  /** From now on, lines as the app and the fabrics write them. */
  async structured(): Promise<void> {
    // Loaded only where it is used: a start on a terminal does without.
    const { createLogger } = await import('@/lib/log/logger');
    this.#log ??= createLogger('launcher', { destination: { write: (line) => process.stdout.write(line) } });
  }

  readonly say = (sentence: string): void => {
    if (this.#log) this.#log.info(sentence);
    else process.stdout.write(`fieldline  ${sentence}\n`);
  };

  /** Why it ends. */
  readonly fail = (sentence: string): void => {
    if (this.#log) this.#log.error(sentence);
    else process.stderr.write(`fieldline  ${sentence}\n`);
  };
}
