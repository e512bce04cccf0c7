const HIDDEN = '***';

const SECRET_WORD =
  '(?:secret|passw(?:or)?d|passphrase|(?<![a-z])pass(?![a-z])|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)';
/** A quoted value also when its closing quote is missing: a line may have been cut. */
const VALUE = String.raw`(?:"(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?|[^\s"']+)`;

/**
 * What is hidden, and what is kept of it (`$1`). Every repetition is bounded or starts at a place that cannot overlap with
 * another one, so that hostile output costs linear time (trust T-140). Hiding a little too much is accepted.
 */
const RULES: readonly (readonly [RegExp, string])[] = [
  // https://user:password@host, also with unencoded @ and / in the password, but not http://host:8080/@scope
  [
    /([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/:@]{1,256}:(?!\d{1,5}[/\s])[^\s@]{0,256}@(?:[^\s/?#@]{0,256}@)?/gi,
    `$1${HIDDEN}@`,
  ],
  [/([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/?#]{0,256}@/gi, `$1${HIDDEN}@`],
  [/((?:authorization|cookie)["']?[ \t]*[:=][ \t]*["']?)[^\s"'][^\n"']*/gi, `$1${HIDDEN}`],
  [/(\bbearer[ \t]+)[\w.~+/=-]{16,}/gi, `$1${HIDDEN}`],
  // curl -u name:password
  [/((?<![\w-])(?:-u|--user|--proxy-user)(?:[ \t]+|=)["']?)[^\s:"']{1,256}:[^\s"']+/g, `$1${HIDDEN}`],
  // --s3-secret-access-key value
  [
    new RegExp(String.raw`((?<![\w-])--[\w-]{0,40}?${SECRET_WORD}[\w-]{0,40}[ \t]+)(?!--)${VALUE}`, 'gi'),
    `$1${HIDDEN}`,
  ],
  // password=value, "token": "value", RCLONE_CONFIG_X_PASS=value
  [new RegExp(String.raw`(${SECRET_WORD}[\w-]{0,40}["']?[ \t]*[=:][ \t]*)${VALUE}`, 'gi'), `$1${HIDDEN}`],
  // signed URLs
  [/((?:x-amz-(?:signature|credential|security-token)|awsaccesskeyid|[?&]sig(?:nature)?)=)[^&\s"']+/gi, `$1${HIDDEN}`],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, HIDDEN],
];

/** Hides what looks like a secret in text for logs: passwords in URLs, options, settings and headers, tokens, AWS keys (trust T-71). */
export function redact(text: string): string {
  return RULES.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text);
}

const SECRET_NAME = /secret|pass|token|key|credential|auth/i;

/** `redact`, which also hides the values of those variables that by their names are secrets, wherever they turn up. */
export function redactorFor(environment: Readonly<Record<string, string>>): (text: string) => string {
  const secrets = Object.entries(environment)
    .filter(([name, value]) => SECRET_NAME.test(name) && value.length >= 6 && !value.startsWith('/')) // a path is none
    .map(([, value]) => value)
    .toSorted((a, b) => b.length - a.length); // one may be part of another
  return (text) => redact(secrets.reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text));
}
