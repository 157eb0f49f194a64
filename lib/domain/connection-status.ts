import type { StatusStyle } from './status';

/** The states of a step of a job: word, tone, icon. */
export const STEP_STATUS_STYLE: Record<'waiting' | 'running' | 'done' | 'skipped' | 'failed', StatusStyle> = {
  waiting: { label: 'Waits', tone: 'off', icon: 'Circle', hint: 'Its turn has not come.' },
  running: { label: 'Running', tone: 'moving', icon: 'LoaderCircle', hint: 'It is under way.' },
  done: { label: 'Done', tone: 'ok', icon: 'CircleCheck', hint: 'It was done now.' },
  skipped: { label: 'Skipped', tone: 'off', icon: 'CircleSlash', hint: 'There was nothing to do.' },
  failed: { label: 'Failed', tone: 'failed', icon: 'TriangleAlert', hint: 'Run it again: it goes on from here.' },
};
