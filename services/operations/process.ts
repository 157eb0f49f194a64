import path from 'node:path';
import { systemClock } from '@/lib/clock/clock';
import { setOwnServer } from '@/lib/download/own-server';
import { asFieldlineError } from '@/lib/errors';
import { attendRequests } from '@/lib/http/incoming';
import { startSignal } from '@/lib/process/start-signal';
import { followDoorEvents } from '../access/audit/door-events';
import { getAccess, startAccess, stopAccess } from '../access/global';
import { internalSecret } from '../access/internal';
import { stampRequests } from '../access/peer';
import { feedContextOf } from '../feed-ingest/definition';
import { startRuntime, stopRuntime } from '../runtime/global';
import { onShutdownSignals } from './shutdown';

const closing = new AbortController();
let following: Promise<unknown> = Promise.resolve();

const say = (line: string) => process.stderr.write(`${line}\n`);

/** Starts the services of this process and arranges for their end. A configuration that can not be used ends the process with a sentence. */
export async function startProcess(): Promise<void> {
  // With access control off whoever calls is on this machine, and no stranger.
  stampRequests((entry) => void (getAccess()?.isOn && getAccess()?.note(entry)));
  attendRequests();
  onShutdownSignals({ stop, exit: (code) => process.exit(code), say });
  try {
    // First: while the services start, the doors know already who may pass.
    const access = await startAccess(say);
    const { config } = access;
    const { appBaseUrl } = feedContextOf({ config });
    if (config.access.mode === 'on' && appBaseUrl) setOwnServer(appBaseUrl, internalSecret());
    await startSignal();
    const runtime = await startRuntime();
    following = followDoorEvents({
      cursorFile: path.join(config.dataDir, 'access', 'door-events.json'),
      doors: () => [...runtime.sites.values()].find(({ role }) => role === 'hq')?.ports.edgeAccess ?? null,
      write: (entry) => access.audit.write(entry),
      clock: systemClock,
      signal: closing.signal,
    }).catch((error: unknown) =>
      say(`The doors' events do not reach the audit log: ${asFieldlineError(error).message}`),
    );
  } catch (error) {
    const { message, remedy } = asFieldlineError(error);
    say(`Fieldline can not start: ${message}${remedy ? `. ${remedy}` : ''}`);
    // As a fabric tells its launcher, which gives up where this is the first start.
    if (process.channel) process.stdout.write(`${JSON.stringify({ error: { message, remedy } })}\n`);
    process.exit(1);
  }
}

/** The audit log last: it tells of what ended the services. */
async function stop(): Promise<void> {
  closing.abort();
  await following;
  await stopRuntime();
  await stopAccess();
}
