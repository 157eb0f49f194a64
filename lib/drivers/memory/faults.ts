import { FieldlineError } from '@/lib/errors';

/** An operation of a port, e.g. `streams.produce`, and what it is done to: a topic, table or volume. */
export interface FaultPlan {
  operation: string;
  /** Any target when absent. */
  target?: string;
  /** `before` (default): nothing happened. `after`: the effect is durable and the caller does not learn of it. */
  when?: 'before' | 'after';
  /** How often; default once. */
  times?: number;
  /** `kill`: the process dies at this point; no call of it returns any more. Otherwise the call fails with this. */
  effect: Error | 'kill';
}

const never = <T>() => new Promise<T>(() => undefined);

/** Failure injection for one process that uses a memory site: planned failures, an unreachable fabric, death at a chosen point. */
export class Faults {
  #plans: { plan: FaultPlan; left: number }[] = [];
  #unreachable: FieldlineError | null = null;
  #killed = false;
  #onKill: (() => void)[] = [];

  get killed(): boolean {
    return this.#killed;
  }

  plan(plan: FaultPlan): void {
    this.#plans.push({ plan, left: plan.times ?? 1 });
  }

  /** Every call fails with UNAVAILABLE until it is reachable again. */
  setReachable(reachable: boolean, reason = 'The fabric does not answer'): void {
    this.#unreachable = reachable ? null : new FieldlineError('UNAVAILABLE', reason);
  }

  /** As kill -9: calls under way and later ones never return, subscriptions are gone without a commit. */
  kill(): void {
    this.#killed = true;
    for (const callback of this.#onKill.splice(0)) callback();
  }

  onKill(callback: () => void): void {
    this.#onKill.push(callback);
  }

  /** Runs an operation of a port under the planned failures. */
  async run<T>(operation: string, target: string, work: () => T | Promise<T>): Promise<T> {
    if (this.#killed) return never();
    if (this.#unreachable) throw this.#unreachable;
    await this.#meet(operation, target, 'before');
    const result = await work();
    await this.#meet(operation, target, 'after');
    return this.#killed ? never() : result;
  }

  #meet(operation: string, target: string, when: 'before' | 'after'): Promise<void> | undefined {
    const index = this.#plans.findIndex(
      ({ plan }) =>
        plan.operation === operation &&
        (plan.target === undefined || plan.target === target) &&
        (plan.when ?? 'before') === when,
    );
    const entry = this.#plans[index];
    if (!entry) return undefined;
    entry.left--;
    if (entry.left === 0) this.#plans.splice(index, 1);
    if (entry.plan.effect !== 'kill') throw entry.plan.effect;
    this.kill();
    return never();
  }
}
