/** Starts the processes of one installation (a fabric for each embedded site, and the app), watches them, stops them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { systemClock } from '@/lib/clock/clock';
import {
  CONFIG_FILE_VARIABLE,
  type FieldlineConfig,
  fabricAccess,
  isLoopbackHost,
  managedFabrics,
  type SiteConfig,
  withConnections,
} from '@/lib/config';
import { asFieldlineError, errorMessage, FieldlineError } from '@/lib/errors';
import { lockDirectory } from '@/lib/process/lock.mjs';
import { type ProbeNote, writeProbeNote } from '@/lib/process/probe-note';
import { stopWithParent } from '@/lib/process/stop-with-parent';
import { checkFeeds } from './check-feeds';
import { Child, type ChildOptions, withRemedy } from './child';
import { securityArguments } from './keys';
import { lastRunEnded } from './last-run';
import { LogFile } from './log-file';
import { makeDirectory } from './make-directory';
import { enrolNeighbours } from './neighbours';
import { enrolmentOption, parseLaunchOptions, USAGE } from './options';
import { checkPortFree } from './ports';
import { APP_MEMORY, FABRIC_MEMORY } from './process-memory';
import { waitUntilReady } from './ready';
import { offerSetUp } from './setup-token';
import { Voice } from './voice';

/**
 * Whoever runs a container kills it 10 s after asking it to stop. The app has its own deadline (SHUTDOWN_MS_MAX), and after it each fabric
 * (CLOSE_DEADLINE_MS); these are a little longer, and together shorter than that.
 */
const APP_STOP_MS_MAX = 6_000;
const FABRIC_STOP_MS_MAX = 3_500;

/** Output that leads nowhere any more (a closed pipe, a file on a full disk) is no reason to end what runs. */
const outliveOutput = () => {
  for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);
};

export interface LaunchPlace {
  /** Where the build lies. */
  root: string;
  /** Its own lines are JSON from the first one on, as those of a container; else once the configuration says `logs: output`, but on a terminal. */
  structured?: boolean;
  /** What enrols this site before it is started, where it has not been. */
  enrolment?: { dataDir: string; file: string };
}

/** Runs until it is told to stop (SIGINT, SIGTERM). Exits with 1 and one sentence when the installation can not start. */
export async function launch(args: readonly string[], place: LaunchPlace): Promise<void> {
  outliveOutput();
  const { root } = place;
  const voice = new Voice();
  const { say } = voice;
  if (place.structured) await voice.structured();
  const processes: Processes = { fabrics: [], app: null };
  const stopAll = async () => {
    for (const fabric of processes.fabrics) fabric.expectEnd();
    // The app first: its services write to the fabrics until they have stopped.
    await processes.app?.stop();
    await Promise.all(processes.fabrics.map((fabric) => fabric.stop()));
  };
  try {
    const enrolment = place.enrolment ?? enrolmentOption(args, root);
    if (enrolment) await (await import('./enrol')).acceptToken(enrolment.dataDir, enrolment.file, say);
    const { help, config } = parseLaunchOptions(args, root);
    if (help || !config) {
      process.stdout.write(USAGE);
      return;
    }
    stopWithParent((why) => {
      say(`Stopping (${why}) ...`);
      void stopAll().then(() => process.exit(0));
    });
    if (config.logs === 'output' && !process.stdout.isTTY) await voice.structured();
    await start(config, root, processes, voice);
  } catch (error) {
    voice.fail(`${withRemedy(asFieldlineError(error))}.`);
    await stopAll();
    process.exit(1);
  }
}

/** What a person who starts a site is told of its doors. */
const HOW = {
  open: '',
  credentials: ', with TLS and credentials',
  unprotected: ', OPEN TO EVERYBODY ON THIS NETWORK (--unprotected)',
};

type Say = Voice['say'];
interface Processes {
  fabrics: Child[];
  app: Child | null;
}

/** `configured`: the app is given it as it is, and looks by itself at what the connections have in use, since that changes while it runs. */
async function start(configured: FieldlineConfig, root: string, processes: Processes, voice: Voice): Promise<void> {
  const { say } = voice;
  await takeSites(configured);
  const config = withConnections(configured);
  const runDirectory = path.join(config.dataDir, 'run');
  const noteOf = (name: string) => path.join(runDirectory, `${name}.pid`);
  const fabricName = (site: { id: string }) => `fabric-${site.id}`;
  const appName = `app-${config.sites[0]!.id}`;
  await lastRunEnded([appName, ...config.sites.map(fabricName)].map(noteOf), systemClock, say);
  await checkPortFree('the app', config.app.host, config.app.port);
  if (config.sites.some((site) => site.role === 'hq')) {
    await checkFeeds(config);
    if (config.feeds.length === 0) say('HQ has no feeds yet: see docs/feeds.md');
  }
  const { configFile, probeNote } = prepareRunDirectory(configured, runDirectory);
  const child = (name: string, options: Omit<ChildOptions, 'log' | 'say' | 'onSpawn'>) =>
    new Child({
      ...options,
      file: path.join(root, 'dist', options.file),
      log:
        config.logs === 'output'
          ? voice.relay(options.file.replace('.js', ''))
          : new LogFile(path.join(runDirectory, `${name}.log`)),
      say,
      // For whoever has to look at, or end, one process of several.
      onSpawn: (pid) => noteProcess(noteOf(name), pid, say),
    });

  const embedded = managedFabrics(config);
  processes.fabrics = await Promise.all(
    embedded.map(async (site) => {
      const { host, kafkaPort, restPort, advertisedHost } = site.fabric;
      const security = await securityArguments(config, site.id, site.fabric);
      say(
        `Site ${site.id}: fabric with Kafka on ${host}:${kafkaPort}, REST on ${host}:${restPort}${HOW[fabricAccess(site.fabric)]}`,
      );
      const args = ['--site', site.id, '--data', path.join(config.dataDir, site.id)];
      args.push('--kafka', `${host}:${kafkaPort}`, '--rest', `${host}:${restPort}`);
      if (advertisedHost) args.push('--advertised-host', advertisedHost);
      args.push(...security);
      return child(fabricName(site), {
        title: `The fabric of ${site.id}`,
        file: 'fabric.js',
        args,
        memory: FABRIC_MEMORY,
        stopMsMax: FABRIC_STOP_MS_MAX,
      });
    }),
  );
  const up = startFabrics(processes.fabrics, embedded, say).then(() => enrolNeighbours(config, say));
  up.catch(() => undefined); // Whoever waits for it below listens.

  const url = `http://${config.app.host}:${config.app.port}`;
  const setUp = offerSetUp(config, url, process.stdout.isTTY === true);
  processes.app = child(appName, {
    title: 'The app',
    file: 'app.js',
    args: [],
    memory: APP_MEMORY,
    env: {
      [CONFIG_FILE_VARIABLE]: configFile,
      HOSTNAME: config.app.host,
      PORT: String(config.app.port),
      NODE_ENV: 'production',
      NEXT_MANUAL_SIG_HANDLE: 'true',
    },
    stopMsMax: APP_STOP_MS_MAX,
    startAfter: up,
  });
  await processes.app.start({ waitForReady: false });
  await Promise.race([up, processes.app.refused]);
  await Promise.race([waitUntilReady(probeNote, systemClock, say), processes.app.refused]);
  say(`Ready: open ${url}   (${config.logs === 'output' ? 'SIGTERM stops' : `Ctrl+C stops; logs in ${runDirectory}`})`);
  for (const { id } of config.sites.filter((site) => awaitsEnrolment(config, site)))
    say(`${id} is not enrolled yet: paste the token that its HQ gave on ${url}/edge/${id}`);
  if (setUp) say(setUp);
  if (config.access.mode === 'on' && !isLoopbackHost(config.app.host) && !config.access.publicUrl?.startsWith('https:'))
    say(
      'Passwords cross the network in the clear: put a proxy with TLS in front, and set access.publicUrl (docs/access.md)',
    );
}

/** Resolves when all are ready. One that no site needs yet, since its site is only being prepared for it, may fail. */
async function startFabrics(fabrics: readonly Child[], sites: readonly { needed: boolean }[], say: Say): Promise<void> {
  await Promise.all(
    fabrics.map(async (fabric, index) => {
      try {
        await fabric.start({ waitForReady: true });
      } catch (error) {
        if (sites[index]!.needed) throw error;
        say(`${fabric.options.title}, which is being prepared, does not start: ${errorMessage(error)}`);
      }
    }),
  );
}

/**
 * Takes the sites' data for this launcher before anything is written: a second one would otherwise replace the configuration and the logs
 * of the first before its own fabrics find theirs taken. Held until this process ends. Fails with DATA_DIR_LOCKED, DATA_DIR_UNUSABLE.
 */
async function takeSites({ dataDir, sites }: FieldlineConfig): Promise<void> {
  try {
    makeDirectory(dataDir);
  } catch (cause) {
    throw unusable(dataDir, cause);
  }
  for (const { id } of sites)
    if (!(await lockDirectory(dataDir, `launcher-${id}`)))
      throw new FieldlineError(
        'DATA_DIR_LOCKED',
        `The data of ${id} in ${dataDir} is in use: Fieldline runs on it already`,
        { remedy: 'Stop that one, or choose another directory with --data' },
      );
}

/** Makes `run/`, and writes the resolved configuration for the app's process, and the key of probes. Fails with DATA_DIR_UNUSABLE. */
function prepareRunDirectory(
  config: FieldlineConfig,
  runDirectory: string,
): { configFile: string; probeNote: ProbeNote } {
  const configFile = path.join(runDirectory, `config-${config.sites.map((site) => site.id).join('-')}.json`);
  try {
    mkdirSync(runDirectory, { recursive: true });
    writeFileSync(configFile, JSON.stringify(config, null, 2));
    const probeNote = writeProbeNote({ dataDir: config.dataDir, siteId: config.sites[0]!.id }, config.app);
    return { configFile, probeNote };
  } catch (cause) {
    throw unusable(config.dataDir, cause);
  }
}

function unusable(dataDir: string, cause: unknown): FieldlineError {
  const isFull = (cause as NodeJS.ErrnoException).code === 'ENOSPC';
  return new FieldlineError(
    'DATA_DIR_UNUSABLE',
    `The data directory ${dataDir} can not be used: ${errorMessage(cause)}`,
    {
      cause,
      remedy: isFull ? 'Free some space on its disk' : 'Choose one this user may write with --data',
    },
  );
}

/** A child that has been started again on a full disk is worth more than the note of its process id. */
function noteProcess(file: string, pid: number, say: Say): void {
  try {
    writeFileSync(file, `${pid}\n`);
  } catch (error) {
    say(`The process id ${pid} could not be noted: ${errorMessage(error)}`);
  }
}

/** An edge that knows no HQ. */
const awaitsEnrolment = ({ sites }: FieldlineConfig, { role, fabric, upstream }: SiteConfig) =>
  role === 'edge' && fabric.kind === 'embedded' && !upstream && !sites.some((site) => site.role === 'hq');
