/**
 * The sample feed's passes, a pure function of time: pass k happens PASS_PERIOD_SECONDS after pass k-1 and shows one scene.
 * Nothing is stored, so every process agrees, and a restart repeats nothing and skips nothing that is still listed.
 */
export const PASS_PERIOD_SECONDS = 15;
/** Passes that the feed lists: enough at first sight to fill a page, and three minutes of grace for a reader that was away. */
export const PASSES_LISTED = 12;
/** Passes count from here, which keeps their numbers short. */
const FIRST_PASS_AT = Date.UTC(2026, 0, 1);
const PERIOD_MS = PASS_PERIOD_SECONDS * 1000;

export interface Pass {
  /** From 0. */
  readonly number: number;
  /** Index into the scenes. */
  readonly scene: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** One pass. `scenes` is how many there are. */
export function passAt(number: number, scenes: number): Pass {
  return { number, scene: (number * strideFor(scenes)) % scenes, at: FIRST_PASS_AT + number * PERIOD_MS };
}

/** The last passes up to `now` (ms since the epoch), oldest first; fewer, or none, near the first pass. */
export function recentPasses(now: number, scenes: number, count = PASSES_LISTED): Pass[] {
  const last = latestPass(now);
  const first = Math.max(0, last - count + 1);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => passAt(first + index, scenes));
}

/** Number of the latest pass at `now`; -1 before the first. */
export const latestPass = (now: number) => Math.max(-1, Math.floor((now - FIRST_PASS_AT) / PERIOD_MS));

/** A stride that visits every scene before any comes again, and jumps about the globe: near the golden section of the count, coprime with it. */
function strideFor(scenes: number): number {
  let stride = Math.max(1, Math.round(scenes * 0.618));
  while (gcd(stride, scenes) !== 1) stride++;
  return stride;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
