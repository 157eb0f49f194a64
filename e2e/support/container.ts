/**
 * Runs a laid image (scripts/image.mjs) as a container engine would, with what util-linux has: namespaces of its own for mounts and process ids,
 * a root that is read-only, an unprivileged user without capabilities, an empty environment, and Node as process 1. Needs root.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { NODE_FILE, USER_ID } from '../../scripts/image/lay.mjs';
import { until } from './installation';

const run = promisify(execFile);
const ENTRYPOINT = [NODE_FILE, '/app/main.mjs'];
const ARGUMENTS = ['--config', '/etc/fieldline/fieldline.json'];
/** As the Dockerfile's ENTRYPOINT and CMD. */
export const COMMAND = [...ENTRYPOINT, ...ARGUMENTS];

/** $1 image, $2 data, $3 configuration, $4 user id, then the command. Mounts vanish with the namespace. */
const ENTER = `
set -eu
image=$1 data=$2 config=$3 user=$4; shift 4
mount --bind "$image" "$image"
mount --bind "$data" "$image/data"
mount --bind "$config" "$image/etc/fieldline"
mount -o remount,bind,ro "$image/etc/fieldline"
mount -t tmpfs -o mode=1777,size=64m tmpfs "$image/tmp"
mount -t tmpfs -o mode=755,size=64k tmpfs "$image/dev"
for device in null zero urandom random; do touch "$image/dev/$device"; mount --bind "/dev/$device" "$image/dev/$device"; done
mount -o remount,ro "$image/dev"
mount -t proc proc "$image/proc"
mount -o remount,bind,ro "$image"
exec env -i "$(command -v setpriv)" --no-new-privs "$(command -v chroot)" --userspec="$user:$user" --groups= "$image" "$@"
`;

/** One more program in a container that runs: $1 image, $2 user id, then the command. */
const EXECUTE = `
image=$1 user=$2; shift 2
exec env -i "$(command -v setpriv)" --no-new-privs "$(command -v chroot)" --userspec="$user:$user" --groups= "$image" "$@"
`;

export class Container {
  readonly directory = mkdtempSync(path.join(tmpdir(), 'fieldline-container-'));
  readonly data = path.join(this.directory, 'data');
  /** Mounted read-only at /etc/fieldline. */
  readonly config = path.join(this.directory, 'config');
  #process: ChildProcess | null = null;
  #output = '';

  constructor(readonly image: string) {
    mkdirSync(this.data);
    mkdirSync(this.config);
    // As Kubernetes' fsGroup makes a volume writable.
    chownSync(this.data, USER_ID, USER_ID);
  }

  get output(): string {
    return this.#output;
  }

  /** Starts process 1, and returns as soon as it runs. `args`: in place of the image's own, as a pod's `args`. */
  async start(args: readonly string[] = ARGUMENTS): Promise<void> {
    const command = [...ENTRYPOINT, ...args];
    const inside = ['sh', '-c', ENTER, 'enter', this.image, this.data, this.config, String(USER_ID), ...command];
    const flags = ['--mount', '--pid', '--fork', '--propagation', 'private'];
    this.#process = spawn('unshare', [...flags, ...inside], { stdio: ['ignore', 'pipe', 'pipe'], env: process.env });
    for (const stream of [this.#process.stdout!, this.#process.stderr!])
      stream.on('data', (chunk) => {
        this.#output += chunk;
      });
    await until('process 1 is Node', async () => {
      return readFileSync(`/proc/${this.#first()}/cmdline`, 'utf8').startsWith(NODE_FILE);
    });
    this.#endWithTest();
  }

  /**
   * A test that is killed takes the container along: its end closes the pipe that a watcher reads. (The kernel's own signal at the death of a parent is
   * forgotten when process 1 becomes another user.)
   */
  #endWithTest(): void {
    const watch = ['-c', 'read _ || kill -KILL "$1"', 'watch', String(this.#first())];
    const watcher = spawn('sh', watch, { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    // The number of a process that has ended may become another's.
    this.#process!.once('exit', () => watcher.kill());
  }

  /** What `kubectl exec` does: a program beside the others, as the same user. Resolves with what it printed. */
  execute(...args: string[]): Promise<string> {
    return this.#enter([...ENTRYPOINT, ...args]);
  }

  /** An `exec` probe, as a kubelet runs it. Resolves with what it says where it fails; null when all is well. */
  async probe(command: readonly string[]): Promise<string | null> {
    try {
      await this.#enter(command);
      return null;
    } catch (error) {
      const { code, stderr } = error as { code?: number; stderr?: string };
      // Anything but its own verdict is a probe that could not be run.
      if (code !== 1) throw error;
      return stderr!.trim();
    }
  }

  async #enter(command: readonly string[]): Promise<string> {
    const inside = ['sh', '-c', EXECUTE, 'execute', this.image, String(USER_ID), ...command];
    const { stdout } = await run('nsenter', ['--target', String(this.#first()), '--mount', '--pid', ...inside]);
    return stdout;
  }

  /** Every process inside, by its id outside, with what /proc tells of it. */
  processes(): { pid: number; command: string; status: Record<string, string>; mounts: string; environment: string }[] {
    return descendants(this.#process!.pid!).map((pid) => {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8').matchAll(/^(\w+):[ \t]*(.*)$/gm);
      return {
        pid,
        command: readFileSync(`/proc/${pid}/cmdline`, 'utf8'),
        status: Object.fromEntries([...status].map(([, name, value]) => [name!, value!])),
        mounts: readFileSync(`/proc/${pid}/mountinfo`, 'utf8'),
        environment: readFileSync(`/proc/${pid}/environ`, 'utf8'),
      };
    });
  }

  /** What an engine does to stop a container: STOPSIGNAL to process 1. Resolves with its exit code; fails when it has not ended in time. */
  async stop(secondsMax: number): Promise<number | null> {
    const child = this.#process!;
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    process.kill(this.#first(), 'SIGTERM');
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`Not ended:\n${this.#output}`)), secondsMax * 1000);
    });
    try {
      return await Promise.race([ended, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends it in any case, and removes its data. */
  async remove(): Promise<void> {
    const child = this.#process;
    if (child && child.exitCode === null && child.signalCode === null) {
      const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      // Process 1 takes all others of its namespace along, and then nothing holds the one outside.
      const [first = child.pid!] = descendants(child.pid!);
      process.kill(first, 'SIGKILL');
      await gone;
    }
    rmSync(this.directory, { recursive: true, force: true });
  }

  #first(): number {
    const first = descendants(this.#process!.pid!)[0];
    if (first === undefined) throw new Error(`There is no process inside:\n${this.#output}`);
    return first;
  }
}

/** All processes below one, parents before their children. */
function descendants(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' '))
    .filter(Boolean)
    .map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}
