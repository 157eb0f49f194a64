/**
 * Calls `stop` once, on SIGTERM, SIGINT, or when the launcher that started this process is gone (its ipc channel closes, also
 * when it was killed with -9): a fabric or an app without its launcher would hold ports and data that nobody can find.
 */
export function stopWithParent(stop: (why: string) => void): void {
  let stopped = false;
  const once = (why: string) => {
    if (stopped) return;
    stopped = true;
    stop(why);
  };
  process.on('SIGTERM', () => once('SIGTERM'));
  process.on('SIGINT', () => once('SIGINT'));
  if (process.channel) {
    process.on('disconnect', () => once('the launcher is gone'));
    // The channel alone must not keep a process alive that has otherwise ended.
    process.channel.unref();
  }
}
