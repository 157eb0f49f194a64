import { asFieldlineError } from '@/lib/errors';
import { attendRequests } from '@/lib/http/incoming';
import { startRuntime, stopRuntime } from '../runtime/global';
import { onShutdownSignals } from './shutdown';

const say = (line: string) => process.stderr.write(`${line}\n`);

/** Starts the services of this process and arranges for their end. A configuration that can not be used ends the process with a sentence. */
export async function startProcess(): Promise<void> {
  attendRequests();
  onShutdownSignals({ stop: stopRuntime, exit: (code) => process.exit(code), say });
  try {
    await startRuntime();
  } catch (error) {
    const { message, remedy } = asFieldlineError(error);
    say(`Fieldline can not start: ${message}${remedy ? `. ${remedy}` : ''}`);
    process.exit(1);
  }
}
