import fc from 'fast-check';

import { redactText } from './redact-text.js';
import { redacted } from './redact.js';

/** Every way in which sync commands and what they print give away a secret. */
const WAYS: readonly ((secret: string) => string)[] = [
  (secret) => `rclone --s3-secret-access-key ${secret} sync`,
  (secret) => `--password=${secret}`,
  (secret) => `--password "${secret}"`,
  (secret) => `wget --http-password='${secret}' x`,
  (secret) => `curl -u joe:${secret} x`,
  (secret) => `curl -ujoe:${secret} x`,
  (secret) => `curl --user "joe:${secret}" x`,
  (secret) => `lftp -u joe,${secret} ftp://host`,
  (secret) => `curl https://joe:${secret}@host/path`,
  (secret) => `git clone https://${secret}@host/path`,
  (secret) => `rsync://joe:${secret}@host/module`,
  (secret) => `curl -H 'Authorization: Basic ${secret}' x`,
  (secret) => `curl -H "Authorization: Bearer ${secret}" x`,
  (secret) => `curl -H 'PRIVATE-TOKEN: ${secret}' x`,
  (secret) => `SSHPASS=${secret} sshpass -e ssh x`,
  (secret) => `sshpass -p ${secret} ssh x`,
  (secret) => `RSYNC_PASSWORD=${secret} rsync x`,
  (secret) => `RCLONE_CONFIG_X_PASS='${secret}' rclone x`,
  (secret) => `AWS_SECRET_ACCESS_KEY=${secret} aws s3 sync x`,
  (secret) => `export AWS_SESSION_TOKEN="${secret}"`,
  (secret) => `rclone sync :s3,access_key_id=x,secret_access_key=${secret}:bucket y`,
  (secret) => `{"token":"${secret}"}`,
  (secret) => `echo ghp_${secret}`,
  (secret) => `echo github_pat_${secret}`,
  (secret) => `echo glpat-${secret}`,
  (secret) => `echo '-----BEGIN PRIVATE KEY-----\n${secret}\n${secret}\n-----END PRIVATE KEY-----'`,
  (secret) => `-----BEGIN OPENSSH PRIVATE KEY-----\n${secret}\n`,
];

const secret = fc.stringMatching(/^CANARY[A-Za-z0-9]{20,40}$/);
const words = fc
  .array(fc.constantFrom('set', '-x', 'rsync', '--delete', 'a/b', '$SOURCE_DIR', '&&', '\n', "'", '"', '|'))
  .map((parts) => parts.join(' '));

describe('what is shown and logged', () => {
  it.each(WAYS.map((way) => [way('…'), way] as const))('never holds the secret of %j (I-20, T-71, T-145)', (_, way) => {
    fc.assert(
      fc.property(secret, words, words, (canary, before, behind) => {
        const text = `${before} ${way(canary)}\n${behind}`;
        expect(redactText(text)).not.toContain(canary);
        const error = new Error(text, { cause: text });
        expect(JSON.stringify(redacted({ text, list: [text], error }))).not.toContain(canary);
      }),
      { numRuns: 50 },
    );
  });
});
