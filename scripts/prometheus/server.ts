/** A real Prometheus for tests, with the project's own alerts, and what the dashboards ask of it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fetch from 'node-fetch';
import { freePorts, until } from '../../e2e/support/installation';

const ROOT = path.resolve(import.meta.dirname, '../..');
export const MONITORING = path.join(ROOT, 'helm/fieldline/files/monitoring');
export const ALERTS = path.join(MONITORING, 'alerts.yml');

/** Where its programs are; null where they can not be had. */
export const provisioned = JSON.parse(
  execFileSync(process.execPath, [path.join(ROOT, 'scripts/provision-prometheus.mjs')], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }),
) as { prometheus: string; promtool: string } | null;

export const promtool = (args: string[], input?: string): string =>
  execFileSync(provisioned!.promtool, args, { encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'pipe'] });

interface Panel {
  title: string;
  targets: { expr: string }[];
}
export interface Dashboard {
  uid: string;
  editable: boolean;
  panels: Panel[];
  templating: { list: { name: string; definition?: string }[] };
}
export const dashboards = readdirSync(path.join(MONITORING, 'dashboards')).map(
  (file) => JSON.parse(readFileSync(path.join(MONITORING, 'dashboards', file), 'utf8')) as Dashboard,
);

/** As Grafana fills in "All". */
const withAll = (expr: string) => expr.replaceAll(/\$(site|service)\b/g, '.*');

/** Scrapes one address every second. */
export class Prometheus {
  readonly #directory = mkdtempSync(path.join(tmpdir(), 'fieldline-prometheus-'));
  #process: ChildProcess | null = null;
  #base = '';

  /** `target`: `host:port`. `token`: as the documentation has a scrape show it. */
  static async start(target: string, token?: string): Promise<Prometheus> {
    const prometheus = new Prometheus();
    const directory = prometheus.#directory;
    const config = {
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [ALERTS],
      scrape_configs: [
        {
          job_name: 'fieldline',
          static_configs: [{ targets: [target] }],
          ...(token && { authorization: { type: 'Bearer', credentials: token } }),
        },
      ],
    };
    const file = path.join(directory, 'prometheus.yml');
    writeFileSync(file, JSON.stringify(config));
    promtool(['check', 'config', file]);
    const [port] = await freePorts(1);
    prometheus.#base = `http://127.0.0.1:${port}`;
    const args = [`--config.file=${file}`, `--storage.tsdb.path=${directory}/data`];
    prometheus.#process = spawn(
      provisioned!.prometheus,
      [...args, `--web.listen-address=127.0.0.1:${port}`, '--log.level=error'],
      { stdio: 'ignore' },
    );
    await until('Prometheus answers', async () => Boolean(await prometheus.api('status/buildinfo')));
    return prometheus;
  }

  async api<T>(query: string): Promise<T> {
    const response = await fetch(`${this.#base}/api/v1/${query}`);
    const body = (await response.json()) as { status: string; error?: string; data: T };
    if (body.status !== 'success') throw new Error(`${decodeURIComponent(query)}: ${body.error}`);
    return body.data;
  }

  async query(expr: string): Promise<unknown[]> {
    return (await this.api<{ result: unknown[] }>(`query?query=${encodeURIComponent(expr)}`)).result;
  }

  /** Of what it scrapes, health and last error. */
  async targets(): Promise<{ health: string; lastError: string }[]> {
    return (await this.api<{ activeTargets: { health: string; lastError: string }[] }>('targets')).activeTargets;
  }

  /** The queries of the dashboards' panels that find nothing, as `dashboard: panel`. */
  async emptyPanels(): Promise<string[]> {
    const found: string[] = [];
    for (const { uid, panels } of dashboards)
      for (const { title, targets } of panels)
        for (const { expr } of targets)
          if ((await this.query(withAll(expr))).length === 0) found.push(`${uid}: ${title}`);
    return found;
  }

  stop(): void {
    this.#process?.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
