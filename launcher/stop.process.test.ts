/** However it ends, an installation leaves nothing behind: no process, no port, no restart of what was told to stop. */
import { afterEach, describe, expect, it } from 'vitest';
import { Installation, until } from '../e2e/support/installation';

let installation: Installation | undefined;
afterEach(() => installation?.stop());

const alive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const pids = (at: Installation) => ['app-hq', 'fabric-hq', 'fabric-alpha'].map((name) => at.pid(name));

describe('the launcher', () => {
  it('stops the app, then the fabrics, when a terminal interrupts the whole group', async () => {
    installation = await Installation.start({ sites: ['hq', 'alpha'], group: true });
    const children = pids(installation);
    const code = await installation.interruptGroup();
    expect(code).toBe(0);
    expect(children.filter(alive)).toEqual([]);
    expect(installation.output).not.toContain('starting it again');
  });

  it('takes its children along when it is killed with -9', async () => {
    installation = await Installation.start({ sites: ['hq', 'alpha'] });
    const children = pids(installation);
    await installation.killLauncher();
    await until('every child has ended by itself', async () => !children.some(alive));
  });

  it('starts a killed app and a killed fabric again', async () => {
    installation = await Installation.start({ sites: ['hq', 'alpha'] });
    const before = pids(installation);
    for (const name of ['app-hq', 'fabric-alpha']) installation.kill(name);
    await until('both are back', async () => {
      const now = pids(installation!);
      return (await installation!.isReady()) && now[0] !== before[0] && now[2] !== before[2];
    });
    expect(pids(installation)[1]).toBe(before[1]);
  });
});
