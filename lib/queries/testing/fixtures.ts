/** Readings of the API for tests: complete, valid, and overridden where a test cares. */
import type { AssetPage, AssetSummary, Link, Mirror, Service, Site } from '@/lib/api/schemas';
import { SERVICE_TITLES, type ServiceId } from '@/lib/domain/services';

export const T0 = '2026-03-01T12:00:00.000Z';
export const NOW_MS = Date.parse(T0);
export const at = (seconds: number) => new Date(NOW_MS + seconds * 1000).toISOString();

export const anAsset = (id: string, overrides: Partial<AssetSummary> = {}): AssetSummary => ({
  id,
  site: 'alpha',
  title: `Asset ${id}`,
  kind: 'image',
  status: 'available',
  reason: null,
  feed: 'sample',
  mediaType: 'image/jpeg',
  fileName: `${id}.jpg`,
  bytes: 1000,
  sha256: 'a'.repeat(64),
  keywords: [],
  credit: null,
  acquiredAt: null,
  place: null,
  requestId: null,
  createdAt: T0,
  updatedAt: T0,
  tinyPreview: null,
  hasContent: false,
  ...overrides,
});

export const aPage = (assets: AssetSummary[], overrides: Partial<AssetPage> = {}): AssetPage => ({
  assets,
  nextCursor: null,
  total: assets.length,
  counts: {},
  asOf: T0,
  ...overrides,
});

export const aService = (id: ServiceId, site: string, overrides: Partial<Service> = {}): Service => ({
  id,
  site,
  ...SERVICE_TITLES[id],
  desired: 'running',
  state: 'running',
  stateSince: T0,
  health: { status: 'ok', reason: null },
  processed: 0,
  failed: 0,
  deadLetters: 0,
  restarts: 0,
  nextAttemptAt: null,
  ratePerMinute: 0,
  lag: 0,
  lastError: null,
  lastActivityAt: null,
  lastActivity: null,
  history: [],
  logLevel: 'off',
  ...overrides,
});

type Direction = Link['inbound'];
export const aDirection = (overrides: Partial<Direction> = {}): Direction => ({
  state: 'up',
  lagRecords: 0,
  lagBytes: 0,
  lagMs: 0,
  recordsTotal: 0,
  bytesTotal: 0,
  lastError: null,
  lastErrorAt: null,
  ...overrides,
});

export const aLink = (overrides: Partial<Link> = {}): Link => ({
  state: 'up',
  inbound: aDirection(),
  outbound: aDirection(),
  upstream: 'hq.example:18443',
  lastSeenAt: T0,
  estimatedBytesPerSecond: null,
  provenBytesPerSecond: null,
  conditions: null,
  asOf: T0,
  ...overrides,
});

export const aMirror = (overrides: Partial<Mirror> = {}): Mirror => ({
  state: 'idle',
  source: 'outbound-alpha@hq',
  filesTotal: 0,
  bytesTotal: 0,
  filesDone: 0,
  bytesDone: 0,
  pending: [],
  bytesPerSecond: 0,
  etaSeconds: null,
  startedAt: null,
  lastSuccessAt: null,
  lastError: null,
  asOf: T0,
  ...overrides,
});

export const aSite = (id: string, overrides: Partial<Site> = {}): Site => ({
  id,
  role: id === 'hq' ? 'hq' : 'edge',
  hosted: true,
  fabric: { kind: 'embedded', state: 'ok', reason: null, since: T0 },
  remote: null,
  counts: {},
  asOf: T0,
  ...overrides,
});
