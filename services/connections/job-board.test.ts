import { expect, it } from 'vitest';
import { FieldlineError } from '@/lib/errors';
import { createEventHub } from '../events/hub';
import { ManualClock, settle } from '../testing/manual-clock';
import { JobBoard } from './job-board';

it('says of a step that failed what the error says, once and without its cause', async () => {
  const board = new JobBoard(createEventHub(), new ManualClock(), () => undefined);
  board.start('hq', {
    kind: 'prepare',
    steps: [
      {
        title: 'Table assets',
        run: () =>
          Promise.reject(
            new FieldlineError('AUTH_FAILED', 'The user "weak" is not authorised: permission denied', {
              cause: new Error('permission denied'),
              remedy: 'Allow it',
            }),
          ),
      },
    ],
  });
  await settle();
  expect(board.jobOf('hq')).toMatchObject({
    state: 'failed',
    steps: [{ error: { message: 'The user "weak" is not authorised: permission denied', remedy: 'Allow it' } }],
  });
});
