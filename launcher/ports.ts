import { createServer } from 'node:net';
import { errorMessage, FieldlineError } from '@/lib/errors';

/** Fails with PORT_TAKEN, or CONFIG_INVALID where the address is not this machine's, before anything is started. */
export function checkPortFree(what: string, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        cause.code === 'EADDRINUSE'
          ? new FieldlineError('PORT_TAKEN', `The port for ${what}, ${host}:${port}, is taken by another program`, {
              cause,
              remedy: 'Stop that program, or choose another port (npm start -- --help)',
            })
          : new FieldlineError('CONFIG_INVALID', `${what} can not listen on ${host}:${port}: ${errorMessage(cause)}`, {
              cause,
            }),
      ),
    );
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
}
