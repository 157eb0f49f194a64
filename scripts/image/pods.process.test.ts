/**
 * HQ and a field team as the chart configures them, in containers of the image: the golden renderings' own configuration files and arguments, with nothing
 * changed but the network, which on this machine is loopback for both. Access control is on, HQ's doors ask for credentials over TLS, and the edge enrols
 * itself, as docs/kubernetes.md says.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { Container } from '../../e2e/support/container';
import { freePorts, until } from '../../e2e/support/installation';
import { buildApp, buildPrograms } from '../lib/build.mjs';
import { layImage, USER_ID } from './lay.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const image = mkdtempSync(path.join(tmpdir(), 'fieldline-image-'));
const READY_TIMEOUT_MS = 90_000;
const SET_UP_TIMEOUT_MS = 300_000;
const STOP_SECONDS_MAX = 10;
const LOOPBACK = '127.0.0.1';
const PASSWORD = 'four unrelated words here';

interface Rendered {
  config: Record<string, unknown>;
  args: string[] | undefined;
  /** The command of the readiness probe. */
  readiness: string[];
}

/** What a golden rendering gives to its pod. */
function rendered(name: string): Rendered {
  const text = readFileSync(path.join(root, 'helm/tests/golden', `${name}.yaml`), 'utf8');
  // biome-ignore lint/suspicious/noExplicitAny: manifests have the shape that Kubernetes' schemas say, which the chart's tests check.
  const manifests = parseAllDocuments(text).map((document) => document.toJS() as any);
  const configMap = manifests.find((one) => one?.kind === 'ConfigMap' && one.data['fieldline.json']);
  const set = manifests.find((one) => one?.kind === 'StatefulSet');
  const [container] = set.spec.template.spec.containers;
  return {
    config: JSON.parse(configMap.data['fieldline.json']),
    args: container.args,
    readiness: container.readinessProbe.exec.command,
  };
}

/** One pod: its container, and a person who has set it up and signed in. */
class Pod {
  readonly container = new Container(image);
  readonly #args: string[] | undefined;
  readonly #readiness: string[];
  #port = 0;
  #cookie = '';

  private constructor({ args, readiness }: Pick<Rendered, 'args' | 'readiness'>) {
    this.#args = args;
    this.#readiness = readiness;
  }

  static async of(golden: string): Promise<Pod> {
    const { config, args, readiness } = rendered(golden);
    const pod = new Pod({ args, readiness });
    const [port, kafkaPort, restPort] = await freePorts(3);
    pod.#port = port!;
    const [site] = config.sites as { fabric: Record<string, unknown> }[];
    const fabric = {
      ...site!.fabric,
      kafkaPort,
      restPort,
      ...('host' in site!.fabric && { host: LOOPBACK }),
      ...('advertisedHost' in site!.fabric && { advertisedHost: LOOPBACK }),
    };
    const here = { ...config, app: { host: LOOPBACK, port }, sites: [{ ...site, fabric }] };
    writeFileSync(path.join(pod.container.config, 'fieldline.json'), JSON.stringify(here));
    return pod;
  }

  /** Lays what a Secret or a volume would bring below /etc/fieldline. */
  mount(file: string, text: string): void {
    const at = path.join(this.container.config, file);
    mkdirSync(path.dirname(at), { recursive: true });
    writeFileSync(at, text);
  }

  async start(args = this.#args): Promise<void> {
    await this.container.start(args);
    await until('it is ready', async () => (await this.probe()) === null, READY_TIMEOUT_MS).catch((error) => {
      throw new Error(`${error}\n${this.container.output}`);
    });
  }

  /** As the kubelet does, with the command of the rendering. Resolves with what it says against the pod; null when it is ready. */
  probe(): Promise<string | null> {
    return this.container.probe(this.#readiness);
  }

  fetch(call: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`http://${LOOPBACK}:${this.#port}${call}`, init);
  }

  /** The one-time token makes the first administrator, who then signs in. */
  async setUp(): Promise<void> {
    const token = readFileSync(path.join(this.container.data, 'access/setup-token'), 'utf8').trim();
    await this.#post('/api/set-up', { token, name: 'anna', password: PASSWORD });
    await this.signIn();
    expect(this.container.output).not.toContain(token);
  }

  async signIn(): Promise<void> {
    const answer = await this.#post('/api/session', { name: 'anna', password: PASSWORD });
    this.#cookie = answer.headers.get('set-cookie')!.split(';')[0]!;
  }

  async call<T>(call: string, body?: unknown): Promise<T> {
    const answer = body === undefined ? await this.#sent(call, {}) : await this.#post(call, body);
    return (await answer.json()) as T;
  }

  async assets(site: string, status: string): Promise<{ id: string; bytes: number }[]> {
    return (await this.call<{ assets: { id: string; bytes: number }[] }>(`/api/sites/${site}/assets?status=${status}`))
      .assets;
  }

  /** How many bytes a site gives of an asset. */
  async bytesOf(site: string, id: string): Promise<number> {
    const answer = await this.#sent(`/api/sites/${site}/assets/${id}/content`, {});
    return Buffer.from(await answer.arrayBuffer()).length;
  }

  #post(call: string, body: unknown): Promise<Response> {
    const headers = { 'content-type': 'application/json', 'x-fieldline-csrf': '1' };
    return this.#sent(call, { method: 'POST', body: JSON.stringify(body), headers });
  }

  async #sent(call: string, init: RequestInit): Promise<Response> {
    const answer = await this.fetch(call, { ...init, headers: { ...init.headers, cookie: this.#cookie } });
    if (!answer.ok) throw new Error(`${call}: ${answer.status} ${await answer.text()}\n${this.container.output}`);
    return answer;
  }
}

// Namespaces and other users are root's to give, as they are a container engine's.
describe.skipIf(process.getuid?.() !== 0)('the pods of the chart', () => {
  const pods: Pod[] = [];
  const pod = async (golden: string): Promise<Pod> => {
    const made = await Pod.of(golden);
    pods.push(made);
    return made;
  };

  beforeAll(async () => {
    await buildPrograms(root);
    await buildApp(root);
    layImage(root, image);
  }, SET_UP_TIMEOUT_MS);
  afterAll(async () => {
    for (const { container } of pods) await container.remove();
    rmSync(image, { recursive: true, force: true });
  });

  it('drive a mission with access control on, HQ and an edge that enrols itself; HQ is backed up and restored', async () => {
    const hq = await pod('hq-doors-own');
    await hq.start();
    expect((await hq.fetch('/api/sites')).status).toBe(401);
    expect((await hq.fetch('/api/health/ready')).status).toBe(401);
    expect((await hq.fetch('/hq', { redirect: 'manual' })).headers.get('location')).toMatch(/\/sign-in/);
    await hq.setUp();

    const printed = await hq.container.execute('enrol', 'alpha');
    const token = printed.trim().split('\n').at(-1)!;
    const alpha = await pod('edge-enrolled');
    alpha.mount('secrets/upstream/enrolment', token);
    await alpha.start();
    await alpha.setUp();

    await until(
      'alpha lists assets',
      async () => (await alpha.assets('alpha', 'available')).length > 0,
      READY_TIMEOUT_MS,
    );
    const [asset] = await alpha.assets('alpha', 'available');
    await alpha.call('/api/sites/alpha/requests', { assetIds: [asset!.id] });
    await until('HQ has staged it', async () => (await alpha.assets('alpha', 'ready')).length === 1);
    await alpha.call('/api/sites/alpha/mirror', {});
    await until('it is delivered', async () => (await alpha.assets('alpha', 'delivered')).length === 1);
    expect(await alpha.bytesOf('alpha', asset!.id)).toBe(asset!.bytes);
    const requests = () => hq.call<{ requests: { status: string }[] }>('/api/sites/hq/requests');
    await until('HQ knows', async () => (await requests()).requests.every(({ status }) => status === 'received'));
    const { edges } = await hq.call<{ edges: { edge: string }[] }>('/api/sites/hq/edges');
    expect(edges.map(({ edge }) => edge)).toEqual(['alpha']);

    // Its fabric is away for a moment: it is not ready, and the probe says why.
    const fabric = alpha.container.processes().find(({ command }) => command.includes('fabric.js'))!;
    process.kill(fabric.pid, 'SIGSTOP');
    let why: string | null = null;
    await until('it is not ready', async () => {
      why = await alpha.probe();
      return why !== null;
    });
    expect(why).toContain('alpha');
    process.kill(fabric.pid, 'SIGCONT');
    await until('it is ready again', async () => (await alpha.probe()) === null);

    // A pod is started many times; its token held once.
    expect(await alpha.container.stop(STOP_SECONDS_MAX)).toBe(0);
    await alpha.start();
    expect(await alpha.bytesOf('alpha', asset!.id)).toBe(asset!.bytes);
    expect(await alpha.container.stop(STOP_SECONDS_MAX)).toBe(0);

    expect(await hq.container.execute('backup', '--site', 'hq', '--to', '/data/copy')).toMatch(
      /^Copied hq: \d+ files/m,
    );
    expect(await hq.container.stop(STOP_SECONDS_MAX)).toBe(0);
    const restored = await pod('hq-doors-own');
    cpSync(path.join(hq.container.data, 'copy'), path.join(restored.container.config, 'copy'), { recursive: true });
    // As Kubernetes' fsGroup gives it to the pod.
    execFileSync('chown', ['-R', `${USER_ID}:${USER_ID}`, path.join(restored.container.config, 'copy')]);
    const args = ['--restore', '/etc/fieldline/copy', '--config', '/etc/fieldline/fieldline.json'];
    await restored.start(args);
    // Its administrator is the one that HQ had.
    expect((await restored.fetch('/api/sites')).status).toBe(401);
    await restored.signIn();
    expect(await restored.bytesOf('hq', asset!.id)).toBe(asset!.bytes);
    expect(await restored.container.stop(STOP_SECONDS_MAX)).toBe(0);
    // It is restored once; a later start goes on with what came since.
    await restored.start(args);
    expect(await restored.container.stop(STOP_SECONDS_MAX)).toBe(0);

    for (const { container } of pods) {
      expect(container.output).not.toMatch(/EROFS|EACCES|EPERM|read-only file system/i);
      expect(container.output).not.toContain(token);
    }
  }, 400_000);
});
