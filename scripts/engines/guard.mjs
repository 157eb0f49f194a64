/**
 * Runs one engine (the arguments) and ends it when whoever started this process is gone, however that went: an engine must not outlive
 * its tests, nor must its data. Messages from the parent are `{ signal }`. Exits with the engine.
 */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

/** An engine that has not ended by itself after this is killed. */
const STOP_MS_MAX = 5_000;

const { command, args, cwd, env, uid, gid } = JSON.parse(process.argv[2]);
const child = spawn(command, args, {
  cwd,
  env: { ...process.env, ...env },
  ...(uid === undefined ? {} : { uid, gid }),
  stdio: ['ignore', 'inherit', 'inherit'],
});
let isOrphan = false;
child.once('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
child.once('exit', (code) => {
  if (isOrphan) rmSync(cwd, { recursive: true, force: true });
  process.exit(code ?? 1);
});

function stop() {
  child.kill('SIGINT');
  setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX).unref();
}
process.on('message', ({ signal }) => child.kill(signal));
process.on('disconnect', () => {
  isOrphan = true;
  stop();
});
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
