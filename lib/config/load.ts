import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { errorMessage, FieldlineError } from '@/lib/errors';
import { withConnections } from './connections';
import { defaultSites } from './defaults';
import { withEnrolments } from './enrolment';
import { parseConfig } from './parse';
import type { FieldlineConfig } from './schema';
import { resolveFiles } from './secrets';

/** Names the resolved configuration file; the launcher sets it for the processes it starts. */
export const CONFIG_FILE_VARIABLE = 'FIELDLINE_CONFIG';

/**
 * The configuration of this process: the file named by FIELDLINE_CONFIG, or the one-machine demonstration (HQ and alpha) without one.
 * What the connections (lib/config/connections) have in use goes before it. Relative paths in a file are taken from its folder.
 * Fails with CONFIG_INVALID, naming the file and the field; with SECRET_UNREADABLE.
 */
export function loadConfig(environment: Record<string, string | undefined> = process.env): FieldlineConfig {
  const file = environment[CONFIG_FILE_VARIABLE];
  const config = file
    ? readConfigFile(file)
    : parseConfig({ sites: defaultSites(['hq', 'alpha']) }, 'the built-in defaults');
  return withConnections(config);
}

/** Reads and checks one configuration file (JSON), without the connections. */
export function readConfigFile(file: string): FieldlineConfig {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new FieldlineError(
      'CONFIG_INVALID',
      `The configuration file ${file} can not be read: ${errorMessage(cause)}`,
      {
        cause,
      },
    );
  }
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (cause) {
    throw new FieldlineError('CONFIG_INVALID', `The configuration file ${file} is not JSON: ${errorMessage(cause)}`, {
      cause,
    });
  }
  const folder = path.dirname(path.resolve(file));
  const dataDir = path.resolve(folder, dataDirOf(raw));
  const config = parseConfig(withEnrolments(raw, dataDir), file);
  const resolved = {
    ...config,
    dataDir,
    // A folder that nobody named need not be there: an HQ may begin without feeds.
    feeds: config.feeds
      .map((feed) => path.resolve(folder, feed))
      .filter((feed) => settingOf(raw, 'feeds') !== undefined || existsSync(feed)),
    ...(config.secretsKeyFile && { secretsKeyFile: path.resolve(folder, config.secretsKeyFile) }),
  };
  return {
    ...resolved,
    access: resolveFiles(config.access, folder, resolved),
    sites: resolveFiles(config.sites, folder, resolved),
    telemetry: resolveFiles(config.telemetry, folder, resolved),
  };
}

/** Before the settings are checked. */
const settingOf = (raw: unknown, name: string): unknown =>
  typeof raw === 'object' && raw !== null ? (raw as Record<string, unknown>)[name] : undefined;

/** As the default has it where none is named. */
function dataDirOf(raw: unknown): string {
  const named = settingOf(raw, 'dataDir');
  return typeof named === 'string' ? named : 'data';
}
