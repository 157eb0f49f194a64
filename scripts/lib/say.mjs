/** What the commands tell a person: one line a step, no more. */
export const say = (text) => process.stdout.write(`fieldline  ${text}\n`);

export function fail(text) {
  process.stderr.write(`fieldline  ${text}\n`);
  process.exit(1);
}
