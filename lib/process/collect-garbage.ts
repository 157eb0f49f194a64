import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | undefined;

/**
 * Collects all garbage now, which stops the process for some 10 ms. V8 collects when it allocates: a process that falls idle after a load
 * otherwise keeps what that load left behind, for as long as it stays idle.
 */
export function collectGarbage(): void {
  if (!collect) {
    // The function is handed to contexts that are made after the flag is set.
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
}
