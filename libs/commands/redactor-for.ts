import { HIDDEN, redactText } from '#libs/observability/redact-text.js';

const SECRET_NAME = /secret|pass|pwd|token|key|credential|auth/i;

/** `redactText`, which also hides the values of those variables that by their names are secrets, wherever they turn up. */
export function redactorFor(environment: Readonly<Record<string, string>>): (text: string) => string {
  const secrets = Object.entries(environment)
    .filter(([name, value]) => SECRET_NAME.test(name) && value.length >= 6 && !value.startsWith('/')) // a path is none
    .map(([, value]) => value)
    .toSorted((a, b) => b.length - a.length); // one may be part of another
  return (text) => redactText(secrets.reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text));
}
