/** The mission in one sentence, computed from what is known. Pure: time is an input. */
import type { Link, Service, Site } from '@/lib/api/schemas';
import { serviceStatus, TONES_WORST_FIRST, type Tone } from '@/lib/domain/status';
import { ageMs, formatAge, formatAgo, plural } from '@/lib/format';

/** An edge that another process hosts reports every few seconds; after this it is not heard. */
export const REMOTE_SILENT_AFTER_MS = 60_000;

/** The words of a headline, worst first. */
const WORDS = [
  'faulted',
  'unavailable',
  'failed',
  'down',
  'silent',
  'degraded',
  'paused',
  'stopped',
  'connecting',
  'starting',
  'stopping',
] as const;
type Word = (typeof WORDS)[number];
const WORD_TONE: Record<Word, Tone> = {
  faulted: 'failed',
  unavailable: 'failed',
  failed: 'failed',
  down: 'attention',
  silent: 'attention',
  degraded: 'attention',
  paused: 'off',
  stopped: 'off',
  connecting: 'waiting',
  starting: 'moving',
  stopping: 'moving',
};

/** What the word is said of, where that is not plainly a service. */
const WORD_NOUN: Partial<Record<Word, string>> = {
  unavailable: 'fabric',
  failed: 'link',
  down: 'link',
  silent: 'edge',
  paused: 'link',
  connecting: 'link',
};

export interface Reason {
  word: Word;
  tone: Tone;
  /** A sentence. */
  text: string;
  href: string;
}
export interface Verdict {
  tone: Tone;
  headline: string;
  reasons: Reason[];
}
export interface MissionReading {
  sites: readonly Site[];
  services: readonly Service[];
  links: Readonly<Record<string, Link | undefined>>;
}

const pageOf = (site: Pick<Site, 'id' | 'role'>) => (site.role === 'hq' ? '/hq' : `/edge/${site.id}`);

/** `All moving`, or what does not, counted, worst first, each with its reason and where to look. */
export function verdictOf({ sites, services, links }: MissionReading, nowMs: number): Verdict {
  const reasons: Reason[] = [];
  const add = (word: Word, text: string, href: string) => reasons.push({ word, tone: WORD_TONE[word], text, href });
  for (const site of sites) {
    const page = pageOf(site);
    const { state, reason, since } = site.fabric;
    const age = ageMs(since, nowMs);
    const why = `${age === null ? '' : ` (${formatAge(age)})`}${reason ? `: ${reason}` : ''}`;
    if (site.hosted && state === 'unavailable')
      add('unavailable', `The fabric of ${site.id} does not answer${why}`, page);
    if (site.hosted && state === 'degraded') add('degraded', `The fabric of ${site.id} is degraded${why}`, page);
    if (!site.hosted && site.remote) addRemote(site, nowMs, add);
    const link = links[site.id];
    if (link && link.state !== 'up') addLink(site.id, link, nowMs, (word, text) => add(word, text, page));
  }
  for (const service of services) {
    const site = sites.find((one) => one.id === service.site);
    const href = `${site ? pageOf(site) : '/'}#${service.id}`;
    const where = `${service.title} at ${service.site}`;
    const status = serviceStatus(service.state, service.health.status);
    if (status === 'running') continue;
    const why =
      status === 'faulted' ? service.lastError?.message : status === 'degraded' ? service.health.reason : undefined;
    add(status, why ? `${where}: ${why}` : `${where} is ${status}`, href);
  }
  reasons.sort((a, b) => WORDS.indexOf(a.word) - WORDS.indexOf(b.word));
  return {
    reasons,
    tone: TONES_WORST_FIRST.find((tone) => reasons.some((reason) => reason.tone === tone)) ?? 'ok',
    headline: headlineOf(reasons),
  };
}

function headlineOf(reasons: readonly Reason[]): string {
  if (reasons.length === 0) return 'All moving';
  return WORDS.flatMap((word) => {
    const count = reasons.filter((reason) => reason.word === word).length;
    const noun = WORD_NOUN[word];
    if (count === 0) return [];
    return noun ? `${plural(count, noun)} ${word}` : `${count} ${word}`;
  }).join(', ');
}

function addRemote(site: Site, nowMs: number, add: (word: Word, text: string, href: string) => void): void {
  const age = ageMs(site.remote?.lastSeenAt, nowMs);
  if (age === null) add('silent', `${site.id} runs elsewhere and has not been heard yet`, pageOf(site));
  else if (age > REMOTE_SILENT_AFTER_MS) add('silent', `${site.id} was last heard ${formatAgo(age)}`, pageOf(site));
}

function addLink(edge: string, link: Link, nowMs: number, add: (word: Word, text: string) => void): void {
  if (link.state === 'up') return;
  const lastError = link.inbound.lastError ?? link.outbound.lastError;
  if (link.state === 'paused') {
    const both = link.inbound.state === 'paused' && link.outbound.state === 'paused';
    const which = both ? 'both ways' : link.inbound.state === 'paused' ? 'from HQ' : 'to HQ';
    add('paused', `The link of ${edge} is paused ${which}`);
  } else if (link.state === 'down') {
    const age = ageMs(link.lastSeenAt, nowMs);
    add(
      'down',
      `The link of ${edge} is down${age === null ? '; HQ was never seen' : `; HQ last seen ${formatAgo(age)}`}`,
    );
  } else if (link.state === 'failed')
    add('failed', `The link of ${edge} needs a person${lastError ? `: ${lastError}` : ''}`);
  else add('connecting', `The link of ${edge} is connecting`);
}
