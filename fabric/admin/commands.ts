import { FieldlineError } from '@/lib/errors';
import type { AdminCommand, AdminCommands } from './types';

export class CommandTable implements AdminCommands {
  readonly #commands = new Map<string, AdminCommand>();

  register(name: string, command: AdminCommand): void {
    if (this.#commands.has(name)) throw new FieldlineError('CONFLICT', `The command ${name} is registered already`);
    this.#commands.set(name, command);
  }

  get(name: string): AdminCommand | undefined {
    return this.#commands.get(name);
  }
}
