/** Every query key. A prefix of a key invalidates all below it. */
export const keys = {
  sites: () => ['sites'] as const,
  services: (site: string) => ['services', site] as const,
  assets: (site: string) => ['assets', site] as const,
  catalogue: (site: string) => ['assets', site, 'catalogue'] as const,
  found: (site: string, search: string) => ['assets', site, 'found', search] as const,
  failed: (site: string) => ['assets', site, 'failed'] as const,
  delivered: (site: string) => ['assets', site, 'delivered'] as const,
  asset: (site: string, id: string) => ['assets', site, 'one', id] as const,
  /** Apart from the asset: a step may end after the row that it moved was read. */
  trace: (site: string, id: string, updatedAt: string) => ['trace', site, id, updatedAt] as const,
  /** The assets that changed last, newest change first; fed by events only. */
  recent: (site: string) => ['recent', site] as const,
  requests: (site: string) => ['requests', site] as const,
  link: (site: string) => ['link', site] as const,
  throughput: (site: string) => ['throughput', site] as const,
  mirror: (site: string) => ['mirror', site] as const,
  deadLetters: (site: string) => ['dead-letters', site] as const,
  access: () => ['access'] as const,
  users: () => ['access', 'users'] as const,
  sessions: () => ['access', 'sessions'] as const,
  tokens: () => ['access', 'tokens'] as const,
  audit: (filter: object, limit: number) => ['access', 'audit', filter, limit] as const,
  connections: () => ['connections'] as const,
  edges: (site: string) => ['edges', site] as const,
  enrolment: (edge: string) => ['enrolment', edge] as const,
  logs: (site: string) => ['logs', site] as const,
};

export const sitePath = (site: string, rest = '') => `/api/sites/${encodeURIComponent(site)}${rest}`;
