/** How the launcher tells what it does: sentences for a person, or a JSON line each where its output is collected as logs. */
import type { createLogger } from '@/lib/log/logger';
import type { ChildLog } from './log-file';

type Logger = ReturnType<typeof createLogger>;

export class Voice {
  #loggerOf: ((component: string) => Logger) | null = null;
  #log: Logger | null = null;

  /** From now on, lines as the app and the fabrics write them. */
  async structured(): Promise<void> {
    if (this.#log) return;
    // Loaded only where it is used: a start on a terminal does without.
    const { createLogger } = await import('@/lib/log/logger');
    const destination = { write: (line: string) => process.stdout.write(line) };
    this.#loggerOf = (component) => createLogger(component, { destination });
    this.#log = this.#loggerOf('launcher');
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

  /** The lines of a child on this output: its events as they are, and what else it prints (a banner, a stack) as events too where all is. */
  relay(component: string): ChildLog {
    const log = this.#loggerOf?.(component);
    return {
      place: 'the lines above',
      write: (line) => {
        if (!log || line.startsWith('{')) process.stdout.write(`${line}\n`);
        else if (line.trim()) log.info(line.trim());
      },
    };
  }
}
