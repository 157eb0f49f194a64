import { UNKNOWN } from './bytes';

const SECOND_MS = 1000;
const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86_400;

/** An age or short span, one unit: `now`, `3 s`, `4 min`, `2 h`, `3 d`. Clocks that differ a little never give a negative age. */
export function formatAge(ageMs: number | null | undefined): string {
  if (ageMs === null || ageMs === undefined) return UNKNOWN;
  const seconds = Math.floor(Math.max(0, ageMs) / SECOND_MS);
  if (seconds < 1) return 'now';
  if (seconds < MINUTE_S) return `${seconds} s`;
  if (seconds < HOUR_S) return `${Math.floor(seconds / MINUTE_S)} min`;
  if (seconds < DAY_S) return `${Math.floor(seconds / HOUR_S)} h`;
  return `${Math.floor(seconds / DAY_S)} d`;
}

/** `now` or `3 s ago`. */
export function formatAgo(ageMs: number | null | undefined): string {
  const age = formatAge(ageMs);
  return age === 'now' || age === UNKNOWN ? age : `${age} ago`;
}

/** How long something will take, two units at most: `under 1 s`, `42 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatDuration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return UNKNOWN;
  if (seconds < 1) return 'under 1 s';
  const whole = Math.round(seconds);
  const two = (big: number, bigUnit: string, small: number, smallUnit: string) =>
    small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;
  if (whole < MINUTE_S) return `${whole} s`;
  if (whole < HOUR_S) return two(Math.floor(whole / MINUTE_S), 'min', whole % MINUTE_S, 's');
  if (whole < DAY_S) return two(Math.floor(whole / HOUR_S), 'h', Math.floor((whole % HOUR_S) / MINUTE_S), 'min');
  return two(Math.floor(whole / DAY_S), 'd', Math.floor((whole % DAY_S) / HOUR_S), 'h');
}

/** An estimate: `about 42 s`, `under 1 s`; of a time that may well be shorter: `at most 42 s`. */
export function formatEstimate(seconds: number | null | undefined, atMost = false): string {
  const duration = formatDuration(seconds);
  return duration === UNKNOWN || (seconds ?? 0) < 1 ? duration : `${atMost ? 'at most' : 'about'} ${duration}`;
}

/** A lag in ms: `0 ms`, `240 ms`, `3.2 s`, then as an age. */
export function formatLag(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return UNKNOWN;
  if (ms < SECOND_MS) return `${Math.round(ms)} ms`;
  if (ms < 10 * SECOND_MS) return `${(ms / SECOND_MS).toFixed(1)} s`;
  return formatAge(ms);
}

/** `17:54:03`, UTC: one clock for a mission that spans time zones. */
export function formatClock(iso: string): string {
  return iso.slice(11, 19);
}

/** `2026-11-22 17:54:03 UTC`, for hover and facts. */
export function formatTimestamp(iso: string | null | undefined): string {
  return iso ? `${iso.slice(0, 10)} ${formatClock(iso)} UTC` : UNKNOWN;
}

/** Milliseconds from `iso` to `nowMs`; null when there is no time. */
export function ageMs(iso: string | null | undefined, nowMs: number): number | null {
  return iso ? nowMs - Date.parse(iso) : null;
}
