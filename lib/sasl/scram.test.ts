import { describe, expect, it } from 'vitest';
import {
  makeVerifier,
  matchesVerifier,
  SCRAM_MECHANISMS,
  ScramClient,
  type ScramMechanism,
  ScramServer,
} from './scram';

async function exchange(mechanism: ScramMechanism, given: string, known: string, username = 'us=er,1') {
  const verifier = await makeVerifier(mechanism, known);
  const asked: string[] = [];
  const server = new ScramServer(mechanism, (name) => {
    asked.push(name);
    return verifier;
  });
  const client = new ScramClient(mechanism, username, given);
  const final = server.final(await client.answer(server.first(client.first())));
  client.finish(final);
  return { asked, username: server.username };
}

describe.each(SCRAM_MECHANISMS)('%s', (mechanism) => {
  it('lets in who knows the password, by any name', async () => {
    expect(await exchange(mechanism, 'pä ss,=', 'pä ss,=')).toEqual({ asked: ['us=er,1'], username: 'us=er,1' });
    await expect(exchange(mechanism, 'other', 'pass')).rejects.toMatchObject({ code: 'AUTH_FAILED' });
  });

  it('keeps nothing from which the password could be read, and recognises it', async () => {
    const verifier = await makeVerifier(mechanism, 'correct horse');
    expect(JSON.stringify(verifier)).not.toContain('correct');
    expect(await matchesVerifier(mechanism, verifier, 'correct horse')).toBe(true);
    expect(await matchesVerifier(mechanism, verifier, 'correct horses')).toBe(false);
    expect((await makeVerifier(mechanism, 'correct horse')).salt).not.toBe(verifier.salt);
  });

  it('believes no server that does not know the credential', async () => {
    const verifier = await makeVerifier(mechanism, 'pass');
    const server = new ScramServer(mechanism, () => ({ ...verifier, serverKey: verifier.storedKey }));
    const client = new ScramClient(mechanism, 'u', 'pass');
    const final = server.final(await client.answer(server.first(client.first())));
    expect(() => client.finish(final)).toThrow('could not prove');
  });
});

it('computes the example of RFC 7677', async () => {
  const verifier = await makeVerifier('scram-sha-256', 'pencil', {
    salt: Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'),
    iterations: 4096,
  });
  expect(verifier).toMatchObject({
    storedKey: 'WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=',
    serverKey: 'wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
  });
});

describe('what is no exchange', () => {
  it.each([
    'x',
    'p=tls-unique,,n=u,r=abc',
    'n,,n=u',
    'n,a=other,n=u,r=abc',
    `n,,n=${'u'.repeat(5000)},r=abc`,
    'n,,m=x,n=u,r=abc',
  ])('is refused: %s', async (message) => {
    const verifier = await makeVerifier('scram-sha-256', 'pass');
    const server = new ScramServer('scram-sha-256', () => verifier);
    expect(() => server.first(Buffer.from(message))).toThrow('no SCRAM exchange');
  });

  it('is refused by the client: a strange nonce, too few or too many rounds', async () => {
    for (const message of ['r=abc,s=c2FsdA==,i=4096', 'nonsense', ''])
      await expect(new ScramClient('scram-sha-256', 'u', 'p').answer(Buffer.from(message))).rejects.toMatchObject({
        code: 'PROTOCOL',
      });
    for (const iterations of ['1', '99999999', 'x']) {
      const client = new ScramClient('scram-sha-256', 'u', 'p');
      const nonce = /r=(.*)$/.exec(client.first().toString())![1];
      await expect(client.answer(Buffer.from(`r=${nonce}more,s=c2FsdA==,i=${iterations}`))).rejects.toThrow(
        'iterations',
      );
    }
  });

  it('takes no proof of an earlier exchange', async () => {
    const verifier = await makeVerifier('scram-sha-256', 'pass');
    const client = new ScramClient('scram-sha-256', 'u', 'pass');
    const proof = await client.answer(new ScramServer('scram-sha-256', () => verifier).first(client.first()));
    const later = new ScramServer('scram-sha-256', () => verifier);
    later.first(client.first());
    expect(() => later.final(proof)).toThrow('no SCRAM exchange');
  });
});
