import { randomUUID } from 'node:crypto';
import type { Job, JobStep } from '@/lib/api/connections';
import type { Clock } from '@/lib/clock/clock';
import { asFieldlineError, FieldlineError, shownMessage } from '@/lib/errors';
import type { EventHub } from '../contract';
import { isoTime } from '../rows';

export interface StepContext {
  /** How far it is, for a person. */
  tell(detail: string): void;
  signal: AbortSignal;
}

/** One step of a job. `skipped`: there was nothing to do, and it told why. Idempotent: a job that failed is run again from its first step. */
export interface Step {
  title: string;
  run(context: StepContext): Promise<'done' | 'skipped'>;
}

export interface JobPlan {
  kind: Job['kind'];
  steps: readonly Step[];
  /** Whatever becomes of it: what was stopped for the job is started again. */
  finally?(failed: boolean): Promise<void>;
}

/** Progress is told this often at most. */
const TELL_INTERVAL_MS = 250;

/** The jobs of this process: one at a time over all sites, since they move the ground that sites stand on. */
export class JobBoard {
  readonly #jobs = new Map<string, Job>();
  readonly #closing = new AbortController();
  #running: { site: string; work: Promise<void> } | null = null;

  constructor(
    private readonly events: EventHub,
    private readonly clock: Clock,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** The job that runs at a site, or ran last. */
  jobOf(site: string): Job | null {
    return this.#jobs.get(site) ?? null;
  }

  /** True while the site is being moved: what is written there now may not go along. */
  isMoving(site: string): boolean {
    const job = this.#jobs.get(site);
    return job?.state === 'running' && (job.kind === 'move' || job.kind === 'use');
  }

  /** Whether no job runs. */
  get isFree(): boolean {
    return this.#running === null;
  }

  /** Fails with CONFLICT while any job runs. */
  assertFree(): void {
    if (!this.#running) return;
    throw new FieldlineError('CONFLICT', `A connection of ${this.#running.site} is being worked on`, {
      remedy: 'Wait until that is over',
    });
  }

  /** Begins a job and returns at once. Fails with CONFLICT while another runs. */
  start(site: string, plan: JobPlan): Job {
    this.assertFree();
    const steps = plan.steps.map(({ title }): JobStep => ({ title, state: 'waiting', detail: null, error: null }));
    const job: Job = {
      id: randomUUID(),
      site,
      kind: plan.kind,
      state: 'running',
      startedAt: isoTime(this.clock.now()),
      finishedAt: null,
      steps,
    };
    this.#jobs.set(site, job);
    const work = this.#run(job, plan)
      .catch(this.onError)
      .finally(() => {
        this.#running = null;
      });
    this.#running = { site, work };
    this.#publish(job);
    return job;
  }

  async #run(job: Job, plan: JobPlan): Promise<void> {
    let failed = false;
    for (const [index, step] of plan.steps.entries()) {
      failed = !(await this.#runStep(job, job.steps[index]!, step));
      if (failed) break;
    }
    try {
      await plan.finally?.(failed);
    } finally {
      job.state = failed ? 'failed' : 'done';
      job.finishedAt = isoTime(this.clock.now());
      this.#publish(job);
    }
  }

  async #runStep(job: Job, shown: JobStep, step: Step): Promise<boolean> {
    let toldAtMs = 0;
    shown.state = 'running';
    this.#publish(job);
    try {
      this.#closing.signal.throwIfAborted();
      shown.state = await step.run({
        signal: this.#closing.signal,
        tell: (detail) => {
          shown.detail = detail;
          if (this.clock.now() - toldAtMs < TELL_INTERVAL_MS) return;
          toldAtMs = this.clock.now();
          this.#publish(job);
        },
      });
      this.#publish(job);
      return true;
    } catch (error) {
      const { code, remedy } = asFieldlineError(error);
      shown.state = 'failed';
      shown.error = { code, message: shownMessage(error), remedy: remedy ?? null };
      this.#publish(job);
      return false;
    }
  }

  /** Ends what runs after its step; what a step copied stays for the next run. */
  async stop(): Promise<void> {
    this.#closing.abort();
    await this.#running?.work;
  }

  #publish(job: Job): void {
    this.events.publish('job', structuredClone(job));
  }
}
