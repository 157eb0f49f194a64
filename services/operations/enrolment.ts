/** An edge's enrolment at HQ, from the edge's side: by the page or the API as `npm run enrol -- --accept` does it, and without a restart. */
import type { EdgeEnrolment } from '@/lib/api/schemas';
import {
  type Enrolment,
  goesByEnrolment,
  readConnection,
  readEnrolment,
  writeConnection,
  writeEnrolment,
} from '@/lib/config';
import { acceptEnrolment, type EdgeCredential } from '@/lib/enrolment/accept';
import { type EnrolmentToken, readToken } from '@/lib/enrolment/token';
import { FieldlineError, isFieldlineError } from '@/lib/errors';
import type { Runtime, SiteRuntime } from '../contract';
import { edgeOf } from './lookup';

/** Edges that a token is being taken for: of two tokens at once, the credential of one would be lost. */
const enrolling = new Set<string>();

/** Fails with NOT_FOUND; with CONFIG_INVALID where what the enrolment left is damaged. */
export function getEnrolment(runtime: Runtime, siteId: string): EdgeEnrolment {
  const { edge } = edgeOf(runtime, siteId);
  return describe(runtime, edge);
}

/**
 * Makes a credential of the token, keeps it, and starts the site anew with it. Fails with REQUEST_INVALID where the text is no token; with
 * CONFLICT where it is one of another edge or mission, was used, or is too old; with UNSUPPORTED, and as HttpClient does towards HQ.
 */
export async function enrol(runtime: Runtime, siteId: string, text: string): Promise<EdgeEnrolment> {
  const { edge } = edgeOf(runtime, siteId);
  const kept = readEnrolment(runtime.config.dataDir, siteId);
  const trouble = troubleOf(runtime, edge, kept);
  if (trouble) throw new FieldlineError('UNSUPPORTED', trouble);
  const token = readToken(text);
  assertMeant(token, siteId, runtime.config.mission);
  runtime.jobs.assertFree();
  if (enrolling.has(siteId)) throw new FieldlineError('CONFLICT', `${siteId} is being enrolled already`);
  enrolling.add(siteId);
  try {
    const credential = await redeem(token);
    const { upstream } = edge.config;
    const replaces = typeof upstream === 'string' ? upstream : kept?.replaces;
    await writeEnrolment(runtime.config, token, credential, replaces);
    await goOn(runtime, siteId);
  } finally {
    enrolling.delete(siteId);
  }
  return getEnrolment(runtime, siteId);
}

/** Lets the site go on with the upstream that its enrolment gave, now and after a restart. */
async function goOn(runtime: Runtime, siteId: string): Promise<void> {
  const { upstream } = readEnrolment(runtime.config.dataDir, siteId)!;
  const connection = readConnection(runtime.config, siteId);
  // What the connections have in use goes before the configuration, and so before the enrolment.
  if (connection.inUse) {
    const target = { ...connection.inUse.target, upstream };
    await writeConnection(runtime.config, siteId, { ...connection, inUse: { ...connection.inUse, target } });
  }
  const sites = runtime.config.sites.map((site) => (site.id === siteId ? { ...site, upstream } : site));
  await runtime.reconfigure({ ...runtime.config, sites }, [siteId]);
}

function describe(runtime: Runtime, edge: SiteRuntime): EdgeEnrolment {
  const kept = readEnrolment(runtime.config.dataDir, edge.id);
  const { upstream } = edge.config;
  const isUsed = kept !== null && typeof upstream === 'object' && goesByEnrolment(upstream, kept);
  return {
    reason: troubleOf(runtime, edge, kept),
    enrolled:
      isUsed && 'address' in upstream
        ? {
            upstream: upstream.address,
            at: kept.enrolledAt === undefined ? null : new Date(kept.enrolledAt).toISOString(),
          }
        : null,
  };
}

/** Why no token can be given to this edge here; null: one can. */
function troubleOf(runtime: Runtime, { id, config }: SiteRuntime, kept: Enrolment | null): string | null {
  if (config.fabric.kind !== 'embedded') return `${id} is not on an embedded fabric: its own platform lets it in at HQ`;
  if (runtime.config.sites.some(({ role }) => role === 'hq')) return `${id} and its HQ are in one installation`;
  if (typeof config.upstream === 'object' && !(kept && goesByEnrolment(config.upstream, kept)))
    return `The settings of ${id} name its credentials for HQ: change them there`;
  return null;
}

function assertMeant(token: EnrolmentToken, siteId: string, mission: string): void {
  if (token.edge !== siteId)
    throw new FieldlineError('CONFLICT', `This token is for the edge ${token.edge}, and this is ${siteId}`, {
      remedy: `Make one for ${siteId} at HQ; this one was not used`,
    });
  if (token.mission !== mission)
    throw new FieldlineError('CONFLICT', `This token is for the mission ${token.mission}, and this is ${mission}`, {
      remedy: `Make one at the HQ of ${mission}; this one was not used`,
    });
}

/** What HQ refuses is no matter of who calls here. */
async function redeem(token: EnrolmentToken): Promise<EdgeCredential> {
  try {
    return await acceptEnrolment(token);
  } catch (error) {
    if (!isFieldlineError(error, 'UNAUTHENTICATED')) throw error;
    throw new FieldlineError('CONFLICT', error.message, { remedy: error.remedy, cause: error });
  }
}
