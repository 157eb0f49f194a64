/** `probe`: what a kubelet runs beside the launcher to learn how the installation is, as the same user; it needs no shell and no identity of its own. */
import { request } from 'node:http';
import { SITE_ID_PATTERN } from '@/lib/domain/naming';
import { type ProbeNote, readProbeNote } from '@/lib/process/probe-note';

const USAGE = 'probe SITE ready|live';
/** Shorter than an orchestrator waits for a probe, so that it says itself what was wrong. */
const ANSWER_MS_MAX = 8_000;
/** What an app says of itself is a few sentences. */
const ANSWER_BYTES_MAX = 64 * 1024;

/** Asks the app of an installation. Resolves with null when it is well, else with why not. */
export async function probe(note: ProbeNote | null, what: 'ready' | 'live'): Promise<string | null> {
  if (!note) return 'Fieldline has not been started here';
  try {
    const { status, text } = await get(`${note.url}/api/health/${what}`, note.key);
    return status === 200 ? null : reasonOf(status, text);
  } catch (error) {
    return `The app does not answer at ${note.url}: ${(error as Error).message || (error as NodeJS.ErrnoException).code}`;
  }
}

/** Exits with 0 when all is well, else with 1 and one sentence on standard error. */
export async function runProbe(args: readonly string[], dataDir: string): Promise<void> {
  const [siteId, what, ...more] = args;
  const wrong = !siteId || !SITE_ID_PATTERN.test(siteId) || (what !== 'ready' && what !== 'live') || more.length > 0;
  const why = wrong ? `Usage: ${USAGE}` : await probe(readProbeNote({ dataDir, siteId }), what);
  if (why === null) return;
  process.stderr.write(`${why}\n`);
  process.exitCode = 1;
}

function reasonOf(status: number, text: string): string {
  try {
    const { reasons, detail } = JSON.parse(text) as { reasons?: string[]; detail?: string };
    if (reasons?.length) return reasons.join('; ');
    if (detail) return detail;
  } catch {
    // Not of this app, or not whole: its status says what there is to say.
  }
  return `The app answers ${status}`;
}

function get(url: string, key: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(ANSWER_MS_MAX);
    const call = request(url, { headers: { authorization: `Bearer ${key}` }, agent: false, signal }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > ANSWER_BYTES_MAX) call.destroy(new Error('it says more than a health report'));
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
    });
    call.on('error', reject);
    call.end();
  });
}
