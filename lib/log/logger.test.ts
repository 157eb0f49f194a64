import { expect, it } from 'vitest';
import { contextOf, withTrace } from '@/lib/tracing';
import { createLogger } from './logger';

function written() {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  return { lines, log: createLogger('services', { about: { mission: 'missionx' }, destination }) };
}

it('writes one JSON line an event, in one form', () => {
  const { lines, log } = written();
  log.warn({ site: 'hq' }, 'Something is wrong');
  log.debug({}, 'Nobody asked');
  expect(lines).toEqual([
    {
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      component: 'services',
      mission: 'missionx',
      site: 'hq',
      msg: 'Something is wrong',
    },
  ]);
});

it('says which trace a line belongs to', () => {
  const { lines, log } = written();
  const context = contextOf(['work'], true);
  withTrace(context, () => log.info({}, 'inside'));
  log.info({}, 'outside');
  expect(lines[0]).toMatchObject({ trace_id: context.traceId, span_id: context.spanId });
  expect(lines[1]).not.toHaveProperty('trace_id');
});

it('never shows what is called a secret, however deep it lies', () => {
  const { lines, log } = written();
  log.error({ password: 'p4ss', fabric: { sasl: { password: 'p4ss' } }, headers: { authorization: 'p4ss' } }, 'x');
  expect(JSON.stringify(lines)).not.toContain('p4ss');
  expect(lines[0]).toMatchObject({ password: '[redacted]' });
});
