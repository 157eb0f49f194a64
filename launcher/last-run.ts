import { readFileSync } from 'node:fs';
import type { Clock } from '@/lib/clock/clock';

/** Longer than an app or a fabric takes to stop (SHUTDOWN_MS_MAX, CLOSE_DEADLINE_MS). */
const LAST_RUN_WAIT_MS_MAX = 12_000;
const POLL_INTERVAL_MS = 100;

/**
 * A launcher that was killed leaves children that end by themselves, within seconds; until then they hold the ports and the data. Waits for
 * the processes noted in these files, so that whatever starts a launcher again at once succeeds. The caller has made sure that no launcher
 * of theirs lives.
 */
export async function lastRunEnded(
  notes: readonly string[],
  clock: Clock,
  say: (sentence: string) => void,
): Promise<void> {
  const giveUpAt = clock.now() + LAST_RUN_WAIT_MS_MAX;
  if (notes.some(isRunning)) say('Waiting for the last run to end; its launcher was killed ...');
  while (notes.some(isRunning) && clock.now() < giveUpAt) await clock.sleep(POLL_INTERVAL_MS);
}

function isRunning(note: string): boolean {
  const pid = processIdIn(note);
  if (pid === null) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there, and another user's.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return isOneOfOurs(pid);
}

function processIdIn(note: string): number | null {
  try {
    const pid = Number(readFileSync(note, 'utf8'));
    // 0 and negative numbers would mean whole groups of processes.
    return Number.isInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null; // No note: no such process was ever started here.
  }
}

/** Next gives the app's process a title of its own. */
const OUR_COMMAND = /\/(fabric|app)\.js(\0|$)|^next-server/;

/** The id may have gone to another program meanwhile (in a container that is quick), which Linux can tell. */
function isOneOfOurs(pid: number): boolean {
  if (process.platform !== 'linux') return true;
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return command === '' ? isEnding(pid) : OUR_COMMAND.test(command);
  } catch {
    return false; // It has ended since.
  }
}

/**
 * A process that ends gives its memory back first, and its command line with it; its ports are free only when its last thread is gone. What
 * is left then is a zombie of one thread, which holds nothing.
 */
function isEnding(pid: number): boolean {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return !(/^State:\s+Z/m.test(status) && /^Threads:\s+1$/m.test(status));
}
