/** Connections that bring no request: what is not HTTP, heads that are too large, and clients too slow to be meant. Refused as Node does, and told. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { AuditEntry } from '@/lib/api/access-schemas';

/** By Node's code of what was wrong; anything else is no HTTP. */
const ANSWERS: Readonly<Record<string, { status: string; detail: string }>> = {
  HPE_HEADER_OVERFLOW: { status: '431 Request Header Fields Too Large', detail: 'The head of a request was too large' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: '413 Payload Too Large', detail: 'A chunk of a request was too large' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: '408 Request Timeout', detail: 'A request was not whole in time' },
};
const NO_HTTP = { status: '400 Bad Request', detail: 'What came was no HTTP request' };
/** The other side has gone, which is nobody's attempt. */
const GONE = new Set(['ECONNRESET', 'EPIPE']);

const watched = new WeakSet<Server>();

/** Answers them on this server, and notes each. Once a server. */
export function answerBadRequests(server: Server, note: (entry: Omit<AuditEntry, 'at'>) => void): void {
  if (watched.has(server)) return;
  watched.add(server);
  server.on('clientError', (error: NodeJS.ErrnoException, stream) => {
    const socket = stream as Socket;
    const code = error.code ?? '';
    const from = socket.remoteAddress?.replace(/^::ffff:/, '') ?? 'unknown';
    const { status, detail } = ANSWERS[code] ?? NO_HTTP;
    if (!GONE.has(code)) {
      // An answer that has begun would be mixed with this one.
      if (socket.writable && socket.bytesWritten === 0) socket.write(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
      note({
        who: { id: '', name: '', via: '' },
        from,
        what: 'connection',
        target: {},
        result: 'refused',
        code: 'REQUEST_INVALID',
        detail,
      });
    }
    socket.destroy(error);
  });
}
