import { useSyncExternalStore } from 'react';

const TICK_MS = 1000;

let now = 0;
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    now = Date.now();
    timer = setInterval(() => {
      now = Date.now();
      for (const notify of listeners) notify();
    }, TICK_MS);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

const read = () => {
  if (now === 0) now = Date.now();
  return now;
};

/** Milliseconds since the epoch, renewed every second by one timer for the whole page; 0 while rendering on the server. */
export const useNow = (): number => useSyncExternalStore(subscribe, read, () => 0);
