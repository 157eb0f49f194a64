import { expect, it } from 'vitest';
import { failureOf } from './words';

const status = (state: string, trace?: string) => ({
  connector: { state: 'RUNNING' },
  tasks: [{ id: 0, state, trace }],
});

it('says nothing of what works', () => {
  expect(failureOf(status('RUNNING'), [])).toBeNull();
});

it.each([
  [
    'org.apache.kafka.common.errors.TopicAuthorizationException: Not authorized to access topics: [a]\n\tat x.y.Z.z(Z.java:1)',
    'Not authorized to access topics: [a] (TopicAuthorizationException)',
  ],
  [
    'org.apache.kafka.connect.errors.ConnectException: Unrecoverable exception from producer send callback\n\tat a.B.c(B.java:2)\nCaused by: org.apache.kafka.common.errors.RecordTooLargeException: The message is 2 bytes',
    'Unrecoverable exception from producer send callback (ConnectException): The message is 2 bytes (RecordTooLargeException)',
  ],
  ['java.lang.NullPointerException\n\tat a.B.c(B.java:2)', 'NullPointerException'],
  [undefined, 'MirrorMaker failed, and Connect does not say why'],
])('puts the trace %j into words', (trace, words) => {
  expect(failureOf(status('FAILED', trace), [])).toBe(words);
});

it('repeats no password', () => {
  expect(failureOf(status('FAILED', 'a.B: the password s3cret is wrong'), ['s3cret'])).toBe(
    'the password … is wrong (B)',
  );
});
