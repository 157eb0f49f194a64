/**
 * The launcher starts the app's process beside the fabrics, and tells it when they are up: Next's server takes as long to load as a fabric to
 * open its data. The promise sits on globalThis because the server's bundle has its own copy of this module.
 */
const KEY = Symbol.for('fieldline.start-signal');
const holder = globalThis as { [KEY]?: Promise<void> };

/** What the launcher sends. */
export const START_MESSAGE = { fieldline: 'start' } as const;

/** Listens for the launcher's word; to be called first of all, since it may come soon. Without a launcher nothing is waited for. */
export function listenForStart(): void {
  if (!process.channel) return;
  holder[KEY] = new Promise((resolve) => {
    const take = (message: unknown) => {
      if ((message as { fieldline?: unknown } | null)?.fieldline !== START_MESSAGE.fieldline) return;
      process.off('message', take);
      resolve();
    };
    process.on('message', take);
  });
}

/** Resolves when the launcher has said that what the services need is up. */
export const startSignal = (): Promise<void> => holder[KEY] ?? Promise.resolve();
