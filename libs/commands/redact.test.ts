import fc from 'fast-check';

import { redact, redactorFor } from './redact.js';

describe('redact', () => {
  it.each([
    ['user:pass@ in a URL', 'get https://joe:CANARY@deb.example.org/x', 'get https://***@deb.example.org/x'],
    ['a token as the user', 'https://CANARY@git.example.org/x', 'https://***@git.example.org/x'],
    ['an @ in the password', 'ftp://joe:CAN@ARY@host/x', 'ftp://***@host/x'],
    ['a slash in the password', 'https://joe:CAN/ARY@host/x', 'https://***@host/x'],
    ['an option and its value', 'rclone --s3-secret-access-key CANARY sync', 'rclone --s3-secret-access-key *** sync'],
    ['an option with =', '--webdav-pass=CANARY x', '--webdav-pass=*** x'],
    ['a quoted option', `--password 'CAN ARY' x`, '--password *** x'],
    ['a quote that was cut off', '--password "CAN ARY', '--password ***'],
    ['curl -u', 'curl -u joe:CANARY https://host', 'curl -u *** https://host'],
    ['a setting', 'db_password=CANARY', 'db_password=***'],
    ['a setting with a colon', 'password: CANARY', 'password: ***'],
    ['rclone by environment', 'RCLONE_CONFIG_S3_PASS=CANARY', 'RCLONE_CONFIG_S3_PASS=***'],
    ['AWS by environment', 'AWS_SECRET_ACCESS_KEY=CANARY', 'AWS_SECRET_ACCESS_KEY=***'],
    ['JSON', '{"token":"CAN\\"ARY","file":"a"}', '{"token":***,"file":"a"}'],
    ['a query', 'GET /x?token=CANARY', 'GET /x?token=***'],
    ['a header', '> Authorization: Basic CANARY==', '> Authorization: ***'],
    ['a cookie', 'Set-Cookie: id=CANARY; Path=/', 'Set-Cookie: ***'],
    ['a bearer token', 'with Bearer CANARYCANARYCANARY.x', 'with Bearer ***'],
    ['a signed URL', 'https://b/x?X-Amz-Signature=CANARY&v=1', 'https://b/x?X-Amz-Signature=***&v=1'],
    ['an AWS key id', 'key AKIACANARYCANARYCANA used', 'key *** used'],
    ['two on a line', 'token=CANARY secret=CANARY', 'token=*** secret=***'],
    ['each of two lines', 'token=CANARY\nok\nsecret=CANARY\n', 'token=***\nok\nsecret=***\n'],
  ])('hides %s (T-71)', (_, text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  it.each([
    'Transferred: 1.2 MiB / 3.4 MiB, 35%, 120 KiB/s, ETA 2s',
    'http://localhost:4873/@scope/package',
    'pool/main/p/passwd/passwd_4.13_amd64.deb: Copied (new)',
    'apt-key is deprecated',
    'bypass: on',
    'contact admin@example.org',
    'rsync -av --delete a/ b/',
    'curl --user-agent x:y',
  ])('leaves "%s" as it is', (text) => {
    expect(redact(text)).toBe(text);
  });

  it('may be applied twice', () => {
    fc.assert(fc.property(fc.string(), (text) => expect(redact(redact(text))).toBe(redact(text))));
  });

  it.each(['a', '-', '--secret', 'a://b:', 'token', 'token="', '://', 'secret-', '--a ', '\\"', '@', '?sig', 'pass '])(
    'takes linear time for 100 KB of "%s" (T-140)',
    (piece) => {
      const text = piece.repeat(Math.ceil(100_000 / piece.length));
      const start = performance.now();
      redact(text);
      expect(performance.now() - start).toBeLessThan(250);
    },
  );
});

describe('redactorFor', () => {
  const hide = redactorFor({
    RCLONE_S3_SECRET: 'CANARY',
    APP_TOKEN: 'CANARY-LONG',
    KEY_FILE: '/etc/key',
    LANG: 'C.UTF-8',
  });

  it('hides the values of secret variables wherever they turn up, and no others', () => {
    expect(hide('a CANARY-LONG b CANARY c /etc/key C.UTF-8')).toBe('a *** b *** c /etc/key C.UTF-8');
  });
});
