import { redactText } from './redact-text.js';

const MASK = '[redacted]';
const DEEPEST = 6;

/** Names without `-` and `_`, in lower case. */
const SECRET_NAME =
  /(?:authorization|cookie|credentials?|secret|token|password|passwd|appkey|apikey|environmentvalues|env)$/;
/** Signed addresses carry their signature there. */
const QUERY = /(\bhttps?:\/\/[^\s?"'<>]+)\?[^\s"'<>]*/g;

/**
 * What a log may hold of a value: fields named like secrets are masked at any depth, and what looks like a secret is cut
 * out of text, with the query strings of addresses (trust I-20, T-145). The last net: a secret is no field in the first place.
 */
export function redacted(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactedText(value);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (depth >= DEEPEST) return '[…]';
  if (value instanceof Error) return redactedError(value, depth);
  if (Array.isArray(value)) return value.map((item) => redacted(item, depth + 1));
  if (value instanceof URL) return redacted(value.href);
  return redactedFields(value, depth);
}

export const redactedFields = (fields: object, depth = 0): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, isSecret(name) ? MASK : redacted(value, depth + 1)]),
  );

/** Every request writes names and paths: what has nothing of this in it is no more than that, and not looked at closely. */
const MORE_THAN_A_NAME = /[\s=:"'@]|gh[a-z]_|_pat_|gl[a-z]+-|xox|A[KS]IA/i;

const redactedText = (text: string): string =>
  MORE_THAN_A_NAME.test(text) ? redactText(text).replaceAll(QUERY, '$1?…') : text;

/** Every request writes a line with the same few names. */
const judged = new Map<string, boolean>();
const MAX_JUDGED = 1_000;

function isSecret(name: string): boolean {
  const known = judged.get(name);
  if (known !== undefined) return known;
  const secret = SECRET_NAME.test(name.replaceAll(/[-_]/g, '').toLowerCase());
  if (judged.size < MAX_JUDGED) judged.set(name, secret);
  return secret;
}

/** With its own fields (`code`, `errno`…), since those tell most about a failure of the system. */
function redactedError(error: Error, depth: number): unknown {
  const { name, message, stack, cause } = error;
  const told = { type: name, message, stack, ...(cause === undefined ? {} : { cause }) };
  return redactedFields({ ...Object.fromEntries(Object.entries(error)), ...told }, depth);
}
