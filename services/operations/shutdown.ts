import { errorMessage } from '@/lib/errors';
import { endStreams } from '../events/open-streams';

/**
 * After this the process exits even if something has not stopped. Container engines kill after 10 s, and after the app its fabrics have to
 * stop within them (launcher/main.ts).
 */
export const SHUTDOWN_MS_MAX = 5_500;
/** Responses under way get this long to end before the process does. */
export const DRAIN_MS = 200;
export const SHUTDOWN_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

export interface ShutdownParts {
  /** Stops the services and closes their connections. */
  stop: () => Promise<void>;
  exit: (code: number) => void;
  /** One line for the person who waits. */
  say: (line: string) => void;
}

/**
 * Ends the event streams, stops the services, exits: 0 when all stopped, 1 when something did not within SHUTDOWN_MS_MAX.
 * Next's own handler would wait for open event streams, that is for ever (NEXT_MANUAL_SIG_HANDLE switches it off).
 */
export async function shutDown(parts: ShutdownParts): Promise<void> {
  endStreams();
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`not everything stopped within ${SHUTDOWN_MS_MAX} ms`), SHUTDOWN_MS_MAX);
  });
  const stopped = parts.stop().then(
    () => new Promise<null>((resolve) => setTimeout(() => resolve(null), DRAIN_MS)),
    (error: unknown) => errorMessage(error),
  );
  const trouble = await Promise.race([stopped, deadline]);
  clearTimeout(timer);
  if (trouble !== null) parts.say(`Fieldline stops with trouble: ${trouble}`);
  parts.exit(trouble === null ? 0 : 1);
}

/**
 * Shuts down on the first signal. Later ones change nothing: a Ctrl+C reaches this process from the terminal and again from its
 * launcher, and SHUTDOWN_MS_MAX bounds the wait anyway.
 */
export function onShutdownSignals(parts: ShutdownParts): void {
  let asked = false;
  for (const signal of SHUTDOWN_SIGNALS) {
    process.on(signal, () => {
      if (asked) return;
      asked = true;
      void shutDown(parts);
    });
  }
}
