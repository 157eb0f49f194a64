import { z } from 'zod';
import { FieldlineError } from '@/lib/errors';
import type { Gateway } from './gateways';
import { invalid } from './parameters';
import { type AdminCommands, type AdminParts, MUTATION, READ } from './types';

const CLUSTER_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const GATEWAY_PATTERN = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/;

const SECRET_LENGTH_MAX = 1024;
const CERTIFICATES_LENGTH_MAX = 256 * 1024;

/** The body of `cluster/gateway/set`, ours: what has no place in a query, which ends up in logs. Absent: no TLS, no credentials. */
const SecuritySchema = z.strictObject({
  tls: z
    .strictObject({
      /** PEM. */
      ca: z.string().max(CERTIFICATES_LENGTH_MAX).optional(),
      serverName: z.string().min(1).max(SECRET_LENGTH_MAX).optional(),
    })
    .optional(),
  sasl: z
    .strictObject({
      mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
      username: z.string().min(1).max(SECRET_LENGTH_MAX),
      password: z.string().min(1).max(SECRET_LENGTH_MAX),
    })
    .optional(),
});

/** That a gateway may have TLS and credentials, announced in dashboard/info. */
export const GATEWAY_EXTENSIONS = ['gateway.security'] as const;

/** Never with its credentials. */
const toRow = ({ cluster, gateways, security }: Gateway) => ({
  cluster,
  gatewayConfig: gateways,
  ...(security && { tls: security.tls !== undefined, credentials: security.sasl !== undefined }),
});

/** `dashboard/info`: who this is, and what it can; `cluster/gateway/*`: how other clusters are reached. */
export function registerClusterCommands(commands: AdminCommands, parts: AdminParts): void {
  const { gateways, siteId, version, doors, extensions, troubles } = parts;

  commands.register('dashboard/info', {
    methods: READ,
    run: async () => {
      const { kafka, rest } = doors();
      const ip = rest.replace(/:\d+$/, '');
      // What follows `cluster` is ours: how a link finds the Kafka door, what a driver may use, and what an operator should see to.
      const own = { doors: { kafka, rest }, extensions, troubles: await troubles() };
      return { data: [{ version, cluster: { name: siteId, id: siteId, ip }, ...own }] };
    },
  });

  commands.register('cluster/gateway/set', {
    methods: MUTATION,
    takesBody: true,
    run: async (parameters, body) => {
      const cluster = parameters.required('dstcluster');
      if (!CLUSTER_PATTERN.test(cluster)) throw invalid(`"${cluster}" is not a cluster name`);
      const hosts = parameters.required('gateways').trim().split(/\s+/);
      const wrong = hosts.find((host) => !GATEWAY_PATTERN.test(host));
      if (wrong !== undefined) throw invalid(`"${wrong}" is not a gateway: host or host:port`);
      const security = SecuritySchema.safeParse((await body()) ?? {});
      // What was sent is not repeated in the answer.
      if (!security.success)
        throw invalid('The body is not {"tls": {…}, "sasl": {…}} with the fields of the documentation');
      const { tls, sasl } = security.data;
      await gateways.set({
        cluster,
        gateways: hosts.join(' '),
        ...((tls ?? sasl) && { security: { ...(tls && { tls }), ...(sasl && { sasl }) } }),
      });
      return { messages: [`Gateways to ${cluster}: ${hosts.join(' ')}`] };
    },
  });

  commands.register('cluster/gateway/delete', {
    methods: MUTATION,
    run: async (parameters) => {
      const cluster = parameters.required('dstcluster');
      if (!(await gateways.delete(cluster))) throw notSet(cluster);
      return { messages: [`Gateways to ${cluster} are deleted`] };
    },
  });

  commands.register('cluster/gateway/get', {
    methods: READ,
    run: (parameters) => {
      const cluster = parameters.required('dstcluster');
      const gateway = gateways.get(cluster);
      if (!gateway) throw notSet(cluster);
      return { data: [toRow(gateway)] };
    },
  });

  commands.register('cluster/gateway/list', { methods: READ, run: () => ({ data: gateways.list().map(toRow) }) });
}

const notSet = (cluster: string) =>
  new FieldlineError('NOT_FOUND', `No such gateways: none to the cluster "${cluster}" are set`);
