import { setOwnServer } from '@/lib/download/own-server';
import { asFieldlineError } from '@/lib/errors';
import { attendRequests } from '@/lib/http/incoming';
import { startAccess, stopAccess } from '../access/global';
import { internalSecret } from '../access/internal';
import { stampRequests } from '../access/peer';
import { feedContextOf } from '../feed-ingest/definition';
import { startRuntime, stopRuntime } from '../runtime/global';
import { onShutdownSignals } from './shutdown';

const say = (line: string) => process.stderr.write(`${line}\n`);

/** Starts the services of this process and arranges for their end. A configuration that can not be used ends the process with a sentence. */
export async function startProcess(): Promise<void> {
  stampRequests();
  attendRequests();
  onShutdownSignals({ stop, exit: (code) => process.exit(code), say });
  try {
    // First: while the services start, the doors know already who may pass.
    const { config } = await startAccess(say);
    const { appBaseUrl } = feedContextOf({ config });
    if (config.access.mode === 'on' && appBaseUrl) setOwnServer(appBaseUrl, internalSecret());
    await startRuntime();
  } catch (error) {
    const { message, remedy } = asFieldlineError(error);
    say(`Fieldline can not start: ${message}${remedy ? `. ${remedy}` : ''}`);
    process.exit(1);
  }
}

/** The audit log last: it tells of what ended the services. */
async function stop(): Promise<void> {
  await stopRuntime();
  await stopAccess();
}
