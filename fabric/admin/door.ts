/** The admin door: `/rest/<command>/<subcommand>?<parameters>`, as an HPE Data Fabric apiserver has it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { asFieldlineError, errorMessage } from '@/lib/errors';
import type { RestRequest, RestRouter } from '../http/router';
import type { FabricLog } from '../logger';
import { registerClusterCommands } from './cluster-commands';
import { CommandTable } from './commands';
import { sendError, sendMethodNotAllowed, sendOk, sendUnknownCommand } from './envelope';
import { registerMirrorCommands } from './mirror-commands';
import { registerObjectStoreCommands } from './object-store-commands';
import { Parameters } from './parameters';
import { selectRows } from './rows';
import { registerStreamCommands } from './stream-commands';
import { registerTableCommands } from './table-commands';
import { registerTopicCommands } from './topic-commands';
import type { AdminCommands, AdminParts } from './types';
import { registerVolumeCommands } from './volume-commands';

const PREFIX = '/rest/';

/** Registers the door with its commands. Other parts add theirs to what it returns, at any time. */
export function registerAdminDoor(router: RestRouter, parts: AdminParts & { log: FabricLog }): AdminCommands {
  const commands = new CommandTable();
  registerClusterCommands(commands, parts);
  registerObjectStoreCommands(commands, parts);
  registerVolumeCommands(commands, parts);
  registerMirrorCommands(commands, parts);
  registerTableCommands(commands, parts);
  registerStreamCommands(commands, parts);
  registerTopicCommands(commands, parts);
  router.on(['GET', 'POST'], `${PREFIX}*`, (request, response) => answer(commands, parts.log, request, response));
  return commands;
}

async function answer(
  commands: CommandTable,
  log: FabricLog,
  { raw, query, json }: RestRequest,
  response: ServerResponse,
): Promise<void> {
  const name = new URL(raw.url ?? '/', 'http://fabric').pathname.slice(PREFIX.length).replace(/\/$/, '');
  const command = commands.get(name);
  // A body would never be read; parameters are in the query, also of a POST.
  if (!command?.takesBody) raw.resume();
  if (!command) return sendUnknownCommand(response);
  if (!command.methods.includes(raw.method as 'GET' | 'POST')) return sendMethodNotAllowed(response, command.methods);
  try {
    const parameters = new Parameters(query);
    const body = async () => (hasBody(raw) ? json() : undefined);
    const { data = [], messages } = await command.run(parameters, body);
    sendOk(response, { ...selectRows(data, parameters), messages });
  } catch (error) {
    const known = asFieldlineError(error);
    if (known.code === 'INTERNAL') log.error(`The command ${name} failed`, { reason: errorMessage(error) });
    sendError(response, known);
  }
}

/** RFC 9112 section 6.3: a request without either header has none. */
const hasBody = ({ headers }: IncomingMessage) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
