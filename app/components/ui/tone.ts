import type { Tone } from '@/lib/domain/status';

/** Whole class names, since Tailwind reads them from the source. */
export const TONE_TEXT: Record<Tone, string> = {
  ok: 'text-ok',
  moving: 'text-moving',
  waiting: 'text-waiting',
  attention: 'text-attention',
  failed: 'text-failed',
  off: 'text-off',
};
export const TONE_FILL: Record<Tone, string> = {
  ok: 'bg-ok',
  moving: 'bg-moving',
  waiting: 'bg-waiting',
  attention: 'bg-attention',
  failed: 'bg-failed',
  off: 'bg-off',
};
export const TONE_WASH: Record<Tone, string> = {
  ok: 'bg-ok/10 border-ok/30',
  moving: 'bg-moving/10 border-moving/30',
  waiting: 'bg-waiting/10 border-waiting/25',
  attention: 'bg-attention/10 border-attention/35',
  failed: 'bg-failed/12 border-failed/40',
  off: 'bg-off/10 border-off/25',
};
export const TONE_COLOR: Record<Tone, string> = {
  ok: 'var(--ok)',
  moving: 'var(--moving)',
  waiting: 'var(--waiting)',
  attention: 'var(--attention)',
  failed: 'var(--failed)',
  off: 'var(--off)',
};
