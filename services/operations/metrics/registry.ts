import { Counter, Gauge, Registry } from 'prom-client';

type Labels = Record<string, string>;
export type SetValue = (labels: Labels, value: number | null | undefined) => void;

/** The metrics of one scrape: gauges that are set, and counters that say what something else has counted to. Unknown is absent, not zero. */
export class Scrape {
  readonly registry = new Registry();

  gauge(name: string, help: string, labelNames: string[]): SetValue {
    const gauge = new Gauge({ name, help, labelNames, registers: [this.registry] });
    return (labels, value) => {
      if (value !== null && value !== undefined) gauge.set(labels, value);
    };
  }

  /** `name` ends in `_total`. */
  counter(name: string, help: string, labelNames: string[]): SetValue {
    const counter = new Counter({ name, help, labelNames, registers: [this.registry] });
    return (labels, value) => {
      if (value !== null && value !== undefined) counter.inc(labels, value);
    };
  }

  /** One series for each word of a closed list, 1 for the one that holds. */
  state(name: string, help: string, labelNames: string[], words: readonly string[]) {
    const set = this.gauge(name, help, [...labelNames, 'state']);
    return (labels: Labels, current: string) => {
      for (const word of words) set({ ...labels, state: word }, Number(word === current));
    };
  }
}
