import { FieldlineError } from '@/lib/errors';
import type { Gateway } from './gateways';
import { invalid } from './parameters';
import { type AdminCommands, type AdminParts, MUTATION, READ } from './types';

const CLUSTER_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const GATEWAY_PATTERN = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/;

const toRow = ({ cluster, gateways }: Gateway) => ({ cluster, gatewayConfig: gateways });

/** `dashboard/info`: who this is, and what it can; `cluster/gateway/*`: how other clusters are reached. */
export function registerClusterCommands(commands: AdminCommands, parts: AdminParts): void {
  const { gateways, siteId, version, doors, extensions } = parts;

  commands.register('dashboard/info', {
    methods: READ,
    run: () => {
      const { kafka, rest } = doors();
      const ip = rest.replace(/:\d+$/, '');
      // `doors` and `extensions` are ours: how a link finds the Kafka door, and a driver what it may use.
      return { data: [{ version, cluster: { name: siteId, id: siteId, ip }, doors: { kafka, rest }, extensions }] };
    },
  });

  commands.register('cluster/gateway/set', {
    methods: MUTATION,
    run: async (parameters) => {
      const cluster = parameters.required('dstcluster');
      if (!CLUSTER_PATTERN.test(cluster)) throw invalid(`"${cluster}" is not a cluster name`);
      const hosts = parameters.required('gateways').trim().split(/\s+/);
      const wrong = hosts.find((host) => !GATEWAY_PATTERN.test(host));
      if (wrong !== undefined) throw invalid(`"${wrong}" is not a gateway: host or host:port`);
      await gateways.set(cluster, hosts.join(' '));
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
