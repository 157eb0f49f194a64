import { z } from 'zod';
import { FieldlineError } from '@/lib/errors';
import type { ObjectStore } from './object-stores';
import { invalid } from './parameters';
import { type AdminCommands, type AdminParts, MUTATION, READ } from './types';

/** That a mirror's source may be in an object store, announced in dashboard/info. */
export const OBJECT_STORE_EXTENSIONS = ['mirror.s3'] as const;

const NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const DEFAULT_REGION = 'us-east-1';
const SECRET_LENGTH_MAX = 1024;
const CERTIFICATES_LENGTH_MAX = 256 * 1024;

/** The body of `set`: what has no place in a query, which ends up in logs. */
const SecretsSchema = z.object({
  accessKeyId: z.string().min(1).max(SECRET_LENGTH_MAX),
  secretAccessKey: z.string().min(1).max(SECRET_LENGTH_MAX),
  /** PEM. */
  ca: z.string().max(CERTIFICATES_LENGTH_MAX).optional(),
});

/** Never with its credentials. */
const toRow = ({ cluster, endpoint, bucket, region, pathStyle, ca }: Omit<ObjectStore, 'credentials'>) => ({
  cluster,
  endpoint,
  bucket,
  region,
  pathstyle: pathStyle,
  ca: ca !== undefined,
});

/** `cluster/objectstore/*`, ours: the bucket that holds another cluster's volumes, for mirrors of them. */
export function registerObjectStoreCommands(commands: AdminCommands, { objectStores, siteId }: AdminParts): void {
  commands.register('cluster/objectstore/set', {
    methods: MUTATION,
    takesBody: true,
    run: async (parameters, body) => {
      const named = (name: string) => {
        const value = parameters.required(name);
        if (!NAME_PATTERN.test(value)) throw invalid(`"${value}" is not a ${name}`);
        return value;
      };
      const cluster = named('dstcluster');
      if (cluster === siteId) throw invalid(`"${cluster}" is this cluster itself`);
      const endpoint = parameters.required('endpoint');
      if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol) || new URL(endpoint).username)
        throw invalid('The endpoint is not an address as http://host:port or https://host:port');
      const secrets = SecretsSchema.safeParse(await body());
      // What was sent is not repeated in the answer.
      if (!secrets.success)
        throw invalid('The body needs "accessKeyId" and "secretAccessKey", and may have "ca" (PEM)');
      const { ca, ...credentials } = secrets.data;
      const bucket = named('bucket');
      const region = parameters.text('region') ?? DEFAULT_REGION;
      const pathStyle = parameters.flag('pathstyle') ?? true;
      await objectStores.set({ cluster, endpoint, bucket, region, pathStyle, credentials, ...(ca && { ca }) });
      return { messages: [`Volumes of ${cluster} are in the bucket ${bucket} at ${new URL(endpoint).host}`] };
    },
  });

  commands.register('cluster/objectstore/delete', {
    methods: MUTATION,
    run: async (parameters) => {
      const cluster = parameters.required('dstcluster');
      if (!(await objectStores.delete(cluster)))
        throw new FieldlineError('NOT_FOUND', `No such object store: none of the cluster "${cluster}" is set`);
      return { messages: [`The object store of ${cluster} is forgotten`] };
    },
  });

  commands.register('cluster/objectstore/list', {
    methods: READ,
    run: () => ({ data: objectStores.list().map(toRow) }),
  });
}
