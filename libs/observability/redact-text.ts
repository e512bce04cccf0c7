import { PrivateKeys } from './private-keys.js';

export const HIDDEN = '***';

const SECRET_WORD =
  '(?:secret|passw(?:or)?d|passphrase|(?<![a-z])pass(?![a-z])|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?|(?<=_)pwd)';
/** A variable of the shell, which tells nothing. */
const REFERENCE = String.raw`"?\$(?:\w{1,256}|\{\w{1,256}\})"?(?![^\s;&|)])`;
/** A quoted value also when its closing quote is missing: a line may have been cut. */
const VALUE = String.raw`(?!${REFERENCE})(?:"(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?|[^\s"']+)`;
const NAME_AND_VALUE = String.raw`(?:"[^\n":,%]{1,256}[:,%][^\n"]*"?|'[^\n':,%]{1,256}[:,%][^\n']*'?|[^\s"':,%]{1,256}[:,%]${VALUE})`;

/**
 * What is hidden, and what is kept of it (`$1`). Every repetition is bounded or starts at a place that cannot overlap with
 * another one, so that hostile output costs linear time (trust T-140). Hiding a little too much is accepted.
 */
const RULES: readonly (readonly [RegExp, string])[] = [
  // https://user:password@host, also with unencoded @ and / in the password, but not http://host:8080/@scope. The scheme is
  // not asked for: to look for its beginning at every letter costs more than all the rest.
  [/(:\/\/)[^\s/:@]{1,256}:(?!\d{1,5}[/\s])[^\s@]{0,256}@(?:[^\s/?#@]{0,256}@)?/g, `$1${HIDDEN}@`],
  [/(\/\/)[^\s/?#"']{0,256}@/g, `$1${HIDDEN}@`],
  [/((?:authorization|cookie)["']?[ \t]*[:=][ \t]*["']?)[^\s"'][^\n"']*/gi, `$1${HIDDEN}`],
  [/(\bbearer[ \t]+)[\w.~+/=-]{16,}/gi, `$1${HIDDEN}`],
  // curl -u name:password, glued as well; lftp -u name,password; smbclient -U name%password
  [
    new RegExp(String.raw`((?<![\w-])(?:-[uU](?:[ \t]+|=)?|--(?:proxy-)?user(?:[ \t]+|=)))${NAME_AND_VALUE}`, 'g'),
    `$1${HIDDEN}`,
  ],
  [new RegExp(String.raw`(\bsshpass[ \t]+-p[ \t]*)${VALUE}`, 'g'), `$1${HIDDEN}`],
  // --s3-secret-access-key value
  [
    new RegExp(String.raw`((?<![\w-])--[\w-]{0,40}?${SECRET_WORD}[\w-]{0,40}[ \t]+)(?!--)${VALUE}`, 'gi'),
    `$1${HIDDEN}`,
  ],
  // password=value, "token": "value", RCLONE_CONFIG_X_PASS=value
  [new RegExp(String.raw`(${SECRET_WORD}[\w-]{0,40}["']?[ \t]*[=:][ \t]*)${VALUE}`, 'gi'), `$1${HIDDEN}`],
  // SSHPASS=value
  [new RegExp(String.raw`(pass=)${VALUE}`, 'gi'), `$1${HIDDEN}`],
  // signed URLs
  [/((?:x-amz-(?:signature|credential|security-token)|awsaccesskeyid|[?&]sig(?:nature)?)=)[^&\s"']+/gi, `$1${HIDDEN}`],
  // what is known by its prefix: key ids of AWS, tokens of GitHub, GitLab and others
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, HIDDEN],
  [/(?<![a-z0-9])(?:gh[opsur]_|github_pat_|gl(?:pat|dt|rt|cbt|ptt|ft|soat)-|dckr_pat_|xox[a-z]-)[\w-]{16,}/gi, HIDDEN],
];

/**
 * Hides what looks like a secret in text that people see: passwords in addresses, options, settings and headers, tokens,
 * keys (trust T-71). It is the last net: what must not be seen should not be written.
 */
export function redactText(text: string): string {
  const withoutKeys = new PrivateKeys(HIDDEN).hide(text);
  return RULES.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), withoutKeys);
}
