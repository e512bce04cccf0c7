import fc from 'fast-check';

import { timesAsLong } from '#libs/kernel/testing/times-as-long.js';

import { redactText } from './redact-text.js';

describe('redactText', () => {
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
    ['curl -u, quoted', `curl -u 'joe:CAN ARY' x`, 'curl -u *** x'],
    ['curl -u, glued', 'curl -ujoe:CANARY https://host', 'curl -u*** https://host'],
    ['lftp -u', 'lftp -u joe,CANARY ftp://host', 'lftp -u *** ftp://host'],
    ['smbclient -U', 'smbclient -U joe%CANARY //host/x', 'smbclient -U *** //host/x'],
    ['sshpass', 'SSHPASS=CANARY sshpass -e ssh x', 'SSHPASS=*** sshpass -e ssh x'],
    ['sshpass -p', 'sshpass -pCANARY ssh x', 'sshpass -p*** ssh x'],
    ['a password of MySQL', 'MYSQL_PWD=CANARY', 'MYSQL_PWD=***'],
    ['a token of GitHub', 'x ghp_CANARYCANARYCANARY y', 'x *** y'],
    ['a fine token of GitHub', 'x github_pat_CANARY_CANARYCANARY y', 'x *** y'],
    ['a token of GitLab', 'x/glpat-CANARY-CANARYCANARY/y', 'x/***/y'],
    ['rclone on the fly', ':s3,access_key_id=AKIA,secret_access_key=CANARY:b/x y', ':s3,access_key_id=*** y'],
    [
      'a private key',
      `a -----BEGIN RSA PRIVATE KEY-----\nCANARY\n\nCANARY=\n-----END RSA PRIVATE KEY----- b\nc`,
      'a ***\n b\nc',
    ],
    [
      'a private key on one line',
      String.raw`"-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----\n",`,
      String.raw`"***\n",`,
    ],
    ['a private key that does not end', '-----BEGIN OPENSSH PRIVATE KEY-----\nCANARY\nCANARY', '***\n'],
    [
      'a private key of PGP',
      '-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nCANARY\n-----END PGP PRIVATE KEY BLOCK-----\n',
      '***\n',
    ],
    ['a setting', 'db_password=CANARY', 'db_password=***'],
    ['a setting with a colon', 'password: CANARY', 'password: ***'],
    ['rclone by environment', 'RCLONE_CONFIG_S3_PASS=CANARY', 'RCLONE_CONFIG_S3_PASS=***'],
    ['AWS by environment', 'AWS_SECRET_ACCESS_KEY=CANARY', 'AWS_SECRET_ACCESS_KEY=***'],
    ['JSON', '{"token":"CAN\\"ARY","file":"a"}', '{"token":***,"file":"a"}'],
    ['an address without a scheme', 'x ://joe:CAN/ARY@host/x', 'x ://***@host/x'],
    ['a query', 'GET /x?token=CANARY', 'GET /x?token=***'],
    ['a header', '> Authorization: Basic CANARY==', '> Authorization: ***'],
    ['a cookie', 'Set-Cookie: id=CANARY; Path=/', 'Set-Cookie: ***'],
    ['a bearer token', 'with Bearer CANARYCANARYCANARY.x', 'with Bearer ***'],
    ['a signed URL', 'https://b/x?X-Amz-Signature=CANARY&v=1', 'https://b/x?X-Amz-Signature=***&v=1'],
    ['an AWS key id', 'key AKIACANARYCANARYCANA used', 'key *** used'],
    ['what only begins like a variable', 'token=$CANARY-CANARY', 'token=***'],
    ['two on a line', 'token=CANARY secret=CANARY', 'token=*** secret=***'],
    ['each of two lines', 'token=CANARY\nok\nsecret=CANARY\n', 'token=***\nok\nsecret=***\n'],
  ])('hides %s (T-71)', (_, text, expected) => {
    expect(redactText(text)).toBe(expected);
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
    'PWD=/srv/mirror',
    'RSYNC_PASSWORD="$MIRROR_PASSWORD" rsync -a host::x "$SOURCE_DIR"',
    'sshpass -p ${PASSWORD}; curl -u me:$PASSWORD https://host --token $TOKEN',
    'glibc-common-2.34-100.el9.x86_64.rpm',
    '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
  ])('leaves "%s" as it is', (text) => {
    expect(redactText(text)).toBe(text);
  });

  it('may be applied twice', () => {
    fc.assert(fc.property(fc.string(), (text) => expect(redactText(redactText(text))).toBe(redactText(text))));
  });

  it.each([
    'a',
    '-',
    '--secret',
    'a://b:',
    'token',
    'token="',
    '://',
    'secret-',
    '--a ',
    '\\"',
    '@',
    '?sig',
    'pass ',
    'pass=',
    '-u',
    ' -u',
    '-ua:',
    ' -u"',
    '//',
    '-----BEGIN PRIVATE KEY-----',
    '-----BEGIN PRIVATE KEY-----\n',
    'ghp_',
    'sshpass ',
    'http://a:b',
    'pass',
    'passwd',
    '_pwd',
    'x',
  ])('takes as long for one text of 64 KiB of "%s" as for 16 of 4 KiB (T-140)', (piece) => {
    const short = piece.repeat(Math.ceil(4_096 / piece.length));
    const long = short.repeat(16);
    const shorts = () => Array.from({ length: 16 }, () => redactText(short));
    expect(timesAsLong(() => redactText(long), shorts)).toBeLessThan(6);
  });
});
