/** The operations of what a site stands on: enter, enter again, test, prepare, move, use, remove. */
import { z } from 'zod';
import {
  ConnectionInputSchema,
  ConnectionRedraftInputSchema,
  ConnectionRemoveInputSchema,
  ConnectionSchema,
  ConnectionsSchema,
  ConnectionTestInputSchema,
  ConnectionTestSchema,
} from './connections';
import type { Operation } from './operation';
import { SiteIdSchema } from './schemas';

const site = z.object({ site: SiteIdSchema });

export const CONNECTION_OPERATIONS = {
  listConnections: {
    method: 'GET',
    path: '/api/connections',
    tag: 'connections',
    summary:
      'What each site hosted here stands on, what is being prepared for it, and what it stood on before. No secrets',
    access: 'admin',
    status: 200,
    answer: ConnectionsSchema,
    problems: [],
  },
  getConnection: {
    method: 'GET',
    path: '/api/sites/{site}/connection',
    tag: 'connections',
    summary: 'The connection of one site',
    access: 'admin',
    params: site,
    status: 200,
    answer: ConnectionSchema,
    problems: ['NOT_FOUND'],
  },
  draftConnection: {
    method: 'PUT',
    path: '/api/sites/{site}/connection',
    tag: 'connections',
    summary:
      'Enters what the site is to stand on, as a draft that nothing uses yet. Secrets that are left out stay as they are',
    access: 'admin',
    params: site,
    body: ConnectionInputSchema,
    status: 200,
    answer: ConnectionSchema,
    problems: ['NOT_FOUND', 'CONFLICT', 'CONFIG_INVALID', 'SECRET_UNREADABLE'],
  },
  discardDraft: {
    method: 'DELETE',
    path: '/api/sites/{site}/connection',
    tag: 'connections',
    summary: 'Forgets the draft and its secrets. What was prepared on that fabric stays there: see remove',
    access: 'admin',
    params: site,
    status: 200,
    answer: ConnectionSchema,
    problems: ['NOT_FOUND', 'CONFLICT'],
  },
  redraftConnection: {
    method: 'POST',
    path: '/api/sites/{site}/connection/redraft',
    tag: 'connections',
    summary:
      'Makes what the site stood on before its draft, with the secrets that it had, in the place of a draft that there is',
    access: 'admin',
    params: site,
    body: ConnectionRedraftInputSchema,
    status: 200,
    answer: ConnectionSchema,
    problems: ['NOT_FOUND', 'CONFLICT'],
  },
  testConnection: {
    method: 'POST',
    path: '/api/sites/{site}/connection/test',
    tag: 'connections',
    summary: 'Tries each door of the draft, or of what is in use, and says why one can not be used. Changes nothing',
    access: 'admin',
    params: site,
    body: ConnectionTestInputSchema,
    status: 200,
    answer: ConnectionTestSchema,
    problems: ['NOT_FOUND', 'CONFIG_INVALID', 'SECRET_UNREADABLE'],
  },
  prepareConnection: {
    method: 'POST',
    path: '/api/sites/{site}/connection/prepare',
    tag: 'connections',
    summary:
      'Makes what the site needs on the draft, step by step; what exists is skipped. Its job tells how far it is',
    access: 'admin',
    params: site,
    status: 202,
    answer: ConnectionSchema,
    problems: ['NOT_FOUND', 'CONFLICT', 'CONFIG_INVALID', 'SECRET_UNREADABLE'],
  },
  moveConnection: {
    method: 'POST',
    path: '/api/sites/{site}/connection/move',
    tag: 'connections',
    summary:
      'Takes everything at the site to the draft and lets the site go on there. What was stays until it is removed',
    access: 'admin',
    params: site,
    status: 202,
    answer: ConnectionSchema,
    problems: ['NOT_FOUND', 'CONFLICT', 'UNSUPPORTED', 'CONFIG_INVALID', 'SECRET_UNREADABLE'],
  },
  useConnection: {
    method: 'POST',
    path: '/api/sites/{site}/connection/use',
    tag: 'connections',
    summary:
      'Lets the site go on with the draft as it is, taking nothing along: for another address or password of the same fabric',
    access: 'admin',
    params: site,
    status: 202,
    answer: ConnectionSchema,
    problems: ['NOT_FOUND', 'CONFLICT', 'CONFIG_INVALID', 'SECRET_UNREADABLE'],
  },
  removeConnection: {
    method: 'POST',
    path: '/api/sites/{site}/connection/remove',
    tag: 'connections',
    summary: 'Removes what this mission made on a fabric that the site does not stand on, and only that',
    access: 'admin',
    params: site,
    body: ConnectionRemoveInputSchema,
    status: 202,
    answer: ConnectionSchema,
    problems: ['NOT_FOUND', 'CONFLICT', 'CONFIG_INVALID', 'SECRET_UNREADABLE'],
  },
} as const satisfies Record<string, Operation>;
