import { FieldlineError } from '@/lib/errors';
import { checkAbsolutePath } from '../volumes/paths';
import type { Parameters } from './parameters';
import { type AdminCommands, type AdminParts, MUTATION, READ } from './types';

/** `table/create|delete|info`: the administration of JSON tables; their content is behind the DAG door. */
export function registerTableCommands(commands: AdminCommands, { tables }: AdminParts): void {
  const pathOf = (parameters: Parameters) => checkAbsolutePath(parameters.required('path'));

  commands.register('table/create', {
    methods: MUTATION,
    run: async (parameters) => {
      const path = pathOf(parameters);
      if (!(await tables.create(path))) throw new FieldlineError('CONFLICT', `Table ${path} already exists`);
      return { messages: [`Successfully created table: '${path}'`] };
    },
  });

  commands.register('table/delete', {
    methods: MUTATION,
    run: async (parameters) => {
      const path = pathOf(parameters);
      if (!(await tables.drop(path))) throw new FieldlineError('NOT_FOUND', `No such table: ${path} does not exist`);
      return { messages: [`Successfully deleted table: '${path}'`] };
    },
  });

  commands.register('table/info', {
    methods: READ,
    run: async (parameters) => {
      const path = pathOf(parameters);
      const { documents, bytes } = await tables.info(path);
      return { data: [{ path, tabletype: 'json', totalrows: documents, totallogicalsize: bytes }] };
    },
  });
}
