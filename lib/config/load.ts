import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { errorMessage, FieldlineError } from '@/lib/errors';
import { defaultSites } from './defaults';
import { ConfigSchema, type FieldlineConfig } from './schema';
import { resolveFiles } from './secrets';

/** Names the resolved configuration file; the launcher sets it for the processes it starts. */
export const CONFIG_FILE_VARIABLE = 'FIELDLINE_CONFIG';

/**
 * The configuration of this process: the file named by FIELDLINE_CONFIG, or the one-machine demonstration (HQ and alpha) without one.
 * Relative paths in a file are taken from its folder. Fails with CONFIG_INVALID, naming the file and the field.
 */
export function loadConfig(environment: Record<string, string | undefined> = process.env): FieldlineConfig {
  const file = environment[CONFIG_FILE_VARIABLE];
  return file ? readConfigFile(file) : parseConfig({ sites: defaultSites(['hq', 'alpha']) }, 'the built-in defaults');
}

/** Reads and checks one configuration file (JSON). */
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
  const config = parseConfig(raw, file);
  const folder = path.dirname(path.resolve(file));
  const resolved = {
    ...config,
    dataDir: path.resolve(folder, config.dataDir),
    feeds: config.feeds.map((feed) => path.resolve(folder, feed)),
    ...(config.secretsKeyFile && { secretsKeyFile: path.resolve(folder, config.secretsKeyFile) }),
  };
  return {
    ...resolved,
    access: resolveFiles(config.access, folder, resolved),
    sites: resolveFiles(config.sites, folder, resolved),
    telemetry: resolveFiles(config.telemetry, folder, resolved),
  };
}

/** Checks raw settings. `origin` is named in the error. */
export function parseConfig(raw: unknown, origin: string): FieldlineConfig {
  const parsed = ConfigSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues
    .map((issue) => `${issue.path.join('.') || 'the whole'}: ${issue.message}`)
    .join('; ');
  throw new FieldlineError('CONFIG_INVALID', `The configuration in ${origin} is not valid: ${where}`, {
    cause: new z.ZodError(parsed.error.issues),
  });
}
