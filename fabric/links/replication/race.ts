/**
 * The first of several tasks to end decides: `stop` then asks the others to end, and all are waited for, so that nothing of an attempt
 * goes on behind the next. Rejects with what the first one rejected with.
 */
export async function raceAll(tasks: readonly Promise<void>[], stop: () => void): Promise<void> {
  try {
    await Promise.race(tasks);
  } finally {
    stop();
    await Promise.allSettled(tasks);
  }
}
