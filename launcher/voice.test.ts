import { afterEach, expect, it, vi } from 'vitest';
import { Voice } from './voice';

const written: string[] = [];
const keep = (text: unknown) => written.push(String(text)) > 0;
const output = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write').mockImplementation(keep));
afterEach(() => {
  written.length = 0;
  for (const spy of output) spy.mockClear();
});

it('speaks in sentences to a person', () => {
  const voice = new Voice();
  voice.say('Ready');
  voice.fail('The disk is full.');
  voice.relay('fabric').write('{"msg":"up"}');
  voice.relay('fabric').write('as it is');
  expect(written).toEqual(['fieldline  Ready\n', 'fieldline  The disk is full.\n', '{"msg":"up"}\n', 'as it is\n']);
});

it('writes an event a line for whoever collects them, also of what a child prints otherwise', async () => {
  const voice = new Voice();
  await voice.structured();
  voice.say('Ready');
  voice.fail('The disk is full.');
  const child = voice.relay('app');
  child.write('{"msg":"up"}');
  child.write('   a banner');
  child.write('');
  const time = expect.stringMatching(/^\d{4}-.*Z$/);
  expect(written.map((line) => JSON.parse(line))).toEqual([
    { level: 'info', time, component: 'launcher', msg: 'Ready' },
    { level: 'error', time, component: 'launcher', msg: 'The disk is full.' },
    { msg: 'up' },
    { level: 'info', time, component: 'app', msg: 'a banner' },
  ]);
});
