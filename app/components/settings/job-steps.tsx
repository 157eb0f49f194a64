import type { Job, JobStep } from '@/lib/api/connections';
import { STEP_STATUS_STYLE } from '@/lib/domain/connection-status';
import { Ago } from '../ui/figures';
import { Note } from '../ui/notes';
import { Progress } from '../ui/progress';
import { StatusBadge } from '../ui/status-badge';

const JOB_LABEL: Record<Job['kind'], string> = {
  prepare: 'Prepare',
  move: 'Move',
  use: 'Go over',
  remove: 'Remove',
};

const isOver = ({ state }: JobStep) => state === 'done' || state === 'skipped';

/** The steps of a job, one by one. */
export function JobSteps({ job }: { job: Job }) {
  const over = job.steps.filter(isOver).length;
  const skipped = job.steps.filter(({ state }) => state === 'skipped').length;
  const failed = job.steps.find(({ state }) => state === 'failed');
  const running = job.steps.find(({ state }) => state === 'running');
  return (
    <section aria-label={`${JOB_LABEL[job.kind]}: steps`} data-job={job.kind} data-state={job.state}>
      <header className="mb-1.5 flex flex-wrap items-baseline gap-x-2">
        <h3 className="text-sm font-semibold">{JOB_LABEL[job.kind]}</h3>
        <span className="text-xs text-ink-faint tabular-nums">
          {over} of {job.steps.length} steps{skipped > 0 && `, ${skipped} skipped`}
        </span>
        <Ago at={job.finishedAt ?? job.startedAt} className="ml-auto text-2xs text-ink-faint" />
      </header>
      <p role="status" className="sr-only">
        {job.state === 'running' ? `${running?.title ?? ''}` : `${JOB_LABEL[job.kind]} ${job.state}`}
      </p>
      {job.state === 'running' && (
        <Progress fraction={over / job.steps.length} label={`${JOB_LABEL[job.kind]} so far`} className="mb-2" />
      )}
      {failed?.error && (
        <Note tone="failed" className="mb-2">
          <p className="font-medium">{failed.title}</p>
          <p>{failed.error.message}</p>
          {failed.error.remedy && <p className="text-ink-soft">{failed.error.remedy}</p>}
          <p className="mt-1 text-ink-soft">What was done so far stays. Run it again, and it goes on.</p>
        </Note>
      )}
      {job.state === 'done' && (
        <Note tone="ok" className="mb-2">
          {doneWords(job)}
        </Note>
      )}
      <ol
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
        tabIndex={0}
        aria-label="Steps"
        className="scroll-quiet max-h-80 overflow-auto rounded-md border border-line focus-visible:-outline-offset-2"
      >
        {job.steps.map((step) => (
          <li
            key={step.title}
            data-state={step.state}
            className="grid grid-cols-[5.5rem_minmax(0,1fr)] items-baseline gap-x-2 border-line px-2.5 py-1 text-xs not-first:border-t"
          >
            <StatusBadge style={STEP_STATUS_STYLE[step.state]} plain />
            <span className={step.state === 'waiting' ? 'text-ink-faint' : undefined}>
              {step.title}
              {step.detail && <span className="ml-2 text-ink-faint">{step.detail}</span>}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function doneWords({ kind, steps }: Job): string {
  const details = steps.at(-1)?.detail;
  switch (kind) {
    case 'prepare':
      return 'Everything that the site needs is there. It can go over.';
    case 'move':
      return `The site works on its new fabric, with everything it had.${details ? ` ${details}.` : ''}`;
    case 'use':
      return 'The site stands on its new connection.';
    case 'remove':
      return 'What this mission had there is gone.';
  }
}
