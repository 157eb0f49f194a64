/** The first bytes of a door: that it is there, that its certificate is right, and that it is the kind of server that is meant. */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { connectionError } from '../http';
import { type Address, addressText } from '../net/address';
import { CheckFailure } from './reasons';

/** A server on any network worth using answers its first bytes within this. */
const ANSWER_MS_MAX = 6_000;

/** TLS from the first byte; `ca`: the PEM of the authority instead of the system's; `servername`: the name in the certificate. */
export interface TlsTrust {
  ca?: string;
  servername?: string;
}

/** Connects, says `hello`, and resolves with the first bytes of the answer. Fails with a CheckFailure or as a connection does. */
export function firstAnswer(at: Address, hello: Buffer, options: { tls?: TlsTrust; service: string }): Promise<Buffer> {
  const where = addressText(at);
  return new Promise((resolve, reject) => {
    let connected = false;
    const socket = open(at, options.tls, () => {
      connected = true;
      socket.write(hello);
    });
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on('error', () => undefined);
      socket.destroy();
      settle();
    };
    const fail = (error: unknown) => finish(() => reject(error));
    const timer = setTimeout(
      () =>
        fail(
          connected
            ? new CheckFailure('wrong-service', `${where} is there, but does not answer as ${options.service} does`)
            : new CheckFailure(
                'unreachable',
                `${where} did not answer the connection`,
                'Check the network and firewalls',
              ),
        ),
      ANSWER_MS_MAX,
    );
    socket.once('data', (answer) => finish(() => resolve(answer)));
    socket.once('error', (error) => fail(worded(error, at, options)));
    socket.once('close', () => {
      if (!connected) return fail(new CheckFailure('wrong-service', `${where} closed the connection at once`));
      fail(
        new CheckFailure(
          'wrong-service',
          `${where} closed the connection without an answer`,
          options.tls ? `Is it ${options.service}?` : `Is it ${options.service}, and does it expect TLS?`,
        ),
      );
    });
  });
}

function open({ host, port }: Address, tls: TlsTrust | undefined, connected: () => void): Socket {
  if (!tls) return connectTcp({ host, port }, connected);
  const servername = tls.servername ?? (isIP(host) ? undefined : host);
  return connectTls({ host, port, servername, ...(tls.ca && { ca: tls.ca }) }, connected);
}

function worded(error: Error, at: Address, options: { tls?: TlsTrust; service: string }): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (options.tls && (code === 'EPROTO' || code?.startsWith('ERR_SSL')))
    return new CheckFailure(
      'wrong-service',
      `${addressText(at)} does not speak TLS`,
      'Switch TLS off, or use its TLS port',
    );
  return connectionError(error, new URL(`tcp://${addressText(at)}`));
}

/** What a foreign server says: null when it is none that is known by its first bytes. */
export function foreignService(answer: Buffer): string | null {
  const head = answer.subarray(0, 8).toString('latin1');
  if (head.startsWith('HTTP/')) return 'a web server (HTTP)';
  if (head.startsWith('SSH-')) return 'SSH';
  if (head.startsWith('220 ') || head.startsWith('220-')) return 'a mail or FTP server';
  if (answer[0] === 0x15 && answer[1] === 0x03) return 'a server that expects TLS';
  return null;
}
