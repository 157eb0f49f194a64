/** Entry of the app's process: Next's standalone server, ended together with its launcher. */
import path from 'node:path';
import { listenForStart } from '@/lib/process/start-signal';

listenForStart();
if (process.channel) {
  // instrumentation.ts stops everything in order on SIGTERM; a dead launcher is one more reason to.
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}
await import(path.resolve(import.meta.dirname, '../.next/standalone/server.js'));
