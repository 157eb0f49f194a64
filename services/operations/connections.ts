import type { ConnectionInfo, ConnectionInput, Connections, ConnectionTest } from '@/lib/api/connections';
import { type NamedTarget, readConnection } from '@/lib/config';
import { FieldlineError, shownMessage } from '@/lib/errors';
import { closePorts, demandLink, testTarget } from '../connections/check';
import { moveTrouble, sharePlace } from '../connections/doors';
import { FABRIC_KINDS, kindTrouble } from '../connections/fit';
import { isWrittenDown, noteFound, withoutUnused } from '../connections/found';
import type { JobPlan } from '../connections/job-board';
import { edgesOf, movePlan } from '../connections/move';
import { prepareSteps } from '../connections/prepare';
import { removePlan } from '../connections/remove';
import { draftOf, redraft, save, targetInUse, trialConfig, viewOf, writeDraft } from '../connections/targets';
import { goesElsewhere, goingTogether, usePlan } from '../connections/use';
import type { Runtime, SiteRuntime } from '../contract';
import { siteOf } from './lookup';

/** The connections of the sites hosted here, without secrets. */
export const listConnections = (runtime: Runtime): Connections => ({
  mission: runtime.config.mission,
  connections: [...runtime.sites.values()].map((site) => describe(runtime, site)),
});

/** Fails with NOT_FOUND. */
export const getConnection = (runtime: Runtime, id: string): ConnectionInfo => describe(runtime, siteOf(runtime, id));

function describe(runtime: Runtime, site: SiteRuntime): ConnectionInfo {
  const connection = readConnection(runtime.config, site.id);
  const { inUse, draft, previous } = connection;
  const current = targetInUse(site.config);
  const reason = draft
    ? moveTrouble(site.config, current, draft.target)
    : 'Nothing is entered that it could be moved to';
  const view = ({ id, target }: NamedTarget) => ({
    id,
    target: viewOf(target),
    removal: isWrittenDown(runtime.config.mission, connection, target) ? ('made' as const) : ('named' as const),
  });
  return {
    site: site.id,
    role: site.role,
    inUse: { source: inUse ? 'connection' : 'configuration', ...viewOf(current) },
    draft: draft && view(draft),
    previous: previous.map(view),
    kinds: [...FABRIC_KINDS],
    against: againstKinds(runtime, site),
    move: { possible: reason === null, reason },
    use: usable(runtime, site, draft !== null),
    job: runtime.jobs.jobOf(site.id),
  };
}

const againstKinds = ({ config }: Runtime, site: SiteRuntime) => ({
  embedded: kindTrouble(config, site.config, 'embedded'),
  kafka: kindTrouble(config, site.config, 'kafka'),
  datafabric: kindTrouble(config, site.config, 'datafabric'),
});

function usable(runtime: Runtime, { id }: SiteRuntime, hasDraft: boolean): ConnectionInfo['use'] {
  if (!hasDraft) return { possible: false, reason: 'Nothing is entered that could be put to use' };
  try {
    goingTogether(runtime, id);
    return { possible: true, reason: null };
  } catch (error) {
    return { possible: false, reason: shownMessage(error) };
  }
}

/** Keeps what was entered. Fails with REQUEST_INVALID, naming the field; with CONFLICT while a job runs. */
export async function draftConnection(runtime: Runtime, id: string, input: ConnectionInput): Promise<ConnectionInfo> {
  const site = siteOf(runtime, id);
  runtime.jobs.assertFree();
  await writeDraft(runtime.config, site.config, input);
  return describe(runtime, site);
}

/** Idempotent. Fails with CONFLICT while a job runs. */
export async function discardDraft(runtime: Runtime, id: string): Promise<ConnectionInfo> {
  const site = siteOf(runtime, id);
  runtime.jobs.assertFree();
  const connection = readConnection(runtime.config, id);
  if (connection.draft) await save(runtime.config, id, { ...connection, draft: null });
  return describe(runtime, site);
}

/** Makes what the site stood on before its draft, in the place of one that there is. Fails with NOT_FOUND; with CONFLICT while a job runs. */
export async function redraftConnection(
  runtime: Runtime,
  siteId: string,
  { id }: { id: string },
): Promise<ConnectionInfo> {
  const site = siteOf(runtime, siteId);
  runtime.jobs.assertFree();
  await redraft(runtime.config, siteId, id);
  return describe(runtime, site);
}

export async function testConnection(runtime: Runtime, id: string, which: 'draft' | 'inUse'): Promise<ConnectionTest> {
  const site = siteOf(runtime, id);
  const target = which === 'draft' ? draftOf(runtime.config, id).target : targetInUse(site.config);
  return testTarget(runtime, site.config, target);
}

/** Begins the job and returns. Fails with CONFLICT without a draft, where the site can not be linked from there, or while a job runs. */
export async function prepareConnection(runtime: Runtime, id: string): Promise<ConnectionInfo> {
  const site = siteOf(runtime, id);
  const trial = trialConfig(runtime.config, id, draftOf(runtime.config, id).target);
  runtime.jobs.assertFree();
  demandLink(trial.config, trial.site);
  const edges = site.role === 'hq' ? await edgesOf(runtime, site.ports) : [];
  const ports = runtime.openPorts(trial.config, trial.site);
  return begin(runtime, site, {
    kind: 'prepare',
    steps: [
      noteFound(runtime, id, draftOf(runtime.config, id).target),
      ...prepareSteps(site, ports, edges, { comesHere: goesElsewhere(runtime, site) }),
    ],
    finally: async () => void (await closePorts(ports)),
  });
}

/** Begins the job and returns. Fails with UNSUPPORTED where the site can not be moved to its draft; with CONFLICT. */
export async function moveConnection(runtime: Runtime, id: string): Promise<ConnectionInfo> {
  const site = siteOf(runtime, id);
  runtime.jobs.assertFree();
  const trouble = moveTrouble(site.config, targetInUse(site.config), draftOf(runtime.config, id).target);
  if (trouble) throw new FieldlineError('UNSUPPORTED', trouble);
  return begin(runtime, site, await movePlan(runtime, site));
}

/** Lets the site go on with its draft, as it is. Where sites have to change together, all drafts are taken. Fails with CONFLICT. */
export async function useConnection(runtime: Runtime, id: string): Promise<ConnectionInfo> {
  const site = siteOf(runtime, id);
  runtime.jobs.assertFree();
  draftOf(runtime.config, id);
  return begin(runtime, site, usePlan(runtime, site));
}

/** Begins the job and returns. Fails with REQUEST_INVALID on another name than the mission's; with NOT_FOUND, CONFLICT. */
export async function removeConnection(
  runtime: Runtime,
  siteId: string,
  { id, confirm }: { id: string; confirm: string },
): Promise<ConnectionInfo> {
  const site = siteOf(runtime, siteId);
  runtime.jobs.assertFree();
  if (confirm !== runtime.config.mission)
    throw new FieldlineError('REQUEST_INVALID', 'Type the name of the mission to confirm', {
      remedy: `It is ${runtime.config.mission}`,
    });
  const { draft, previous } = readConnection(runtime.config, siteId);
  const named = [draft, ...previous].find((one) => one?.id === id);
  if (!named) throw new FieldlineError('NOT_FOUND', `${siteId} has no such connection that is not in use`);
  const user = [...runtime.sites.values()].find((one) => sharePlace(targetInUse(one.config), named.target));
  if (user)
    throw new FieldlineError(
      'CONFLICT',
      `${user.id} stands on that fabric now, or on a part of it: nothing is removed there`,
      {
        remedy: 'Discard the draft if it is of no use',
      },
    );
  const forget = async () => {
    const connection = readConnection(runtime.config, siteId);
    await save(
      runtime.config,
      siteId,
      withoutUnused({
        ...connection,
        draft: connection.draft?.id === id ? null : connection.draft,
        previous: connection.previous.filter((one) => one.id !== id),
      }),
    );
  };
  return begin(runtime, site, removePlan(runtime, site, named.target, forget));
}

function begin(runtime: Runtime, site: SiteRuntime, plan: JobPlan): ConnectionInfo {
  runtime.jobs.start(site.id, plan);
  return describe(runtime, site);
}
