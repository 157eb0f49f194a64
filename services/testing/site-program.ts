/**
 * One site as a process of its own, without pages: the runtime on the fabric that the configuration names (the first argument), with a
 * feed that lists the names in a JSON file (the second). Answers questions over the ipc channel it is forked with.
 */
import { readFileSync } from 'node:fs';
import { readConfigFile } from '@/lib/config';
import { TABLES, VOLUMES } from '@/lib/domain/naming';
import { isFieldlineError, shownMessage } from '@/lib/errors';
import { stopWithParent } from '@/lib/process/stop-with-parent';
import { remoteEdges } from '../operations/remote-edges';
import { createRequests } from '../operations/requests';
import { EdgeAssetRow, HqRequestRow } from '../rows';
import { createPorts } from '../runtime/ports';
import { createRuntime } from '../runtime/runtime';
import { definitionsWith } from './memory-runtime';
import { quietSink } from './quiet-sink';
import { entry, sampleDownloads, sampleFeed, sampleItem } from './samples';

const FEED_INTERVAL_SECONDS = 2;

const [configFile, namesFile] = process.argv.slice(2) as [string, string];
const config = readConfigFile(configFile);
const names = () => JSON.parse(readFileSync(namesFile, 'utf8')) as string[];
const feed = sampleFeed('test', () => names().map((name) => entry(sampleItem(name))), {
  intervalSeconds: FEED_INTERVAL_SECONDS,
});
const runtime = createRuntime({
  config,
  portsOf: createPorts,
  definitionsOf: definitionsWith([feed], sampleDownloads()),
  sink: quietSink,
});
const site = runtime.sites.get(config.sites[0]!.id)!;
const { tables, streams, volumes, links } = site.ports;
const rows = async () => (await tables.find(TABLES.assets)).map((document) => EdgeAssetRow.parse(document));

/** What a test may ask; an edge's and HQ's together. */
const questions = {
  health: async () => runtime.health(),
  /** Status by name. */
  statuses: async () => Object.fromEntries((await rows()).map((row) => [row.asset.sourceId, row.status])),
  request: async (wanted: string[]) => {
    const ids = (await rows()).filter((row) => wanted.includes(row.asset.sourceId)).map((row) => row._id);
    await createRequests(runtime, site.id, ids);
    return ids.length;
  },
  startMirror: async () => {
    await volumes.startMirror(VOLUMES.inbound);
    return 'started';
  },
  mirror: async () => volumes.mirrorStatus(VOLUMES.inbound),
  link: async () => links!.status(),
  /** Content by name of all files that are here. */
  files: async () => {
    const nameOf = new Map((await rows()).map((row) => [row._id, row.asset.sourceId]));
    const files: [string, string][] = [];
    for (const { path } of await volumes.list(VOLUMES.inbound)) {
      const content = await volumes.get(VOLUMES.inbound, path);
      const bytes = Buffer.concat((await content!.stream.toArray()) as Buffer[]);
      files.push([nameOf.get(path.split('/')[0]!) ?? path, bytes.toString('utf8')]);
    }
    return files.sort();
  },
  /** At HQ: edge, asset and status of every request. */
  requests: async () =>
    (await tables.find(TABLES.requests))
      .map((document) => HqRequestRow.parse(document))
      .map(({ edge, status }) => `${edge} ${status}`)
      .sort(),
  assets: async () => tables.count(TABLES.assets),
  edges: async () => remoteEdges(streams),
};
export type Question = keyof typeof questions;

process.on('message', ({ id, question, argument }: { id: number; question: Question; argument: string[] }) => {
  questions[question](argument).then(
    (answer) => process.send?.({ id, answer }),
    (error: unknown) =>
      process.send?.({
        id,
        error: { code: isFieldlineError(error) ? error.code : null, message: shownMessage(error) },
      }),
  );
});
stopWithParent(() => void runtime.stop().finally(() => process.exit(0)));
