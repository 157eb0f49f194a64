/** The fabric's process. Prints one JSON line when it is ready, or when it can not start; runs until it is told to stop. */
import { asFieldlineError, errorMessage } from '@/lib/errors';
import { stopWithParent } from '@/lib/process/stop-with-parent';
import { startFabric } from './fabric';
import { createFabricLog } from './logger';
import { parseFabricOptions } from './options';

/** What takes longer to close than this is left to recovery, which is always safe. */
const CLOSE_DEADLINE_MS = 3_000;

const print = (line: unknown) => process.stdout.write(`${JSON.stringify(line)}\n`);

async function main(): Promise<void> {
  const options = parseFabricOptions(process.argv.slice(2));
  const log = createFabricLog(options.site);
  // A part that failed where nobody waits for it: what it was doing is unknown, and recovery at the next start is tested.
  process.on('uncaughtException', (error) => {
    log.error('The fabric met an error that nobody handles and ends', {
      reason: errorMessage(error),
      stack: error.stack,
    });
    process.exitCode = 1;
    setImmediate(() => process.exit(1));
  });
  const fabric = await startFabric(options, log);
  stopWithParent((why) => {
    log.info('Stopping', { why });
    setTimeout(() => process.exit(0), CLOSE_DEADLINE_MS).unref();
    fabric.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error('Not everything could be closed', { reason: errorMessage(error) });
        process.exit(1);
      },
    );
  });
  print({ ready: true, site: options.site, kafka: fabric.kafka.port, rest: fabric.rest.port });
}

main().catch((error: unknown) => {
  const { code, message, remedy } = asFieldlineError(error);
  print({ error: { code, message, remedy } });
  process.exit(1);
});
