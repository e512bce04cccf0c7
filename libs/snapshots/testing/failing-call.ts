import fs from 'node:fs';

export type FailingFunction =
  | 'readSync'
  | 'readdirSync'
  | 'writeSync'
  | 'openSync'
  | 'fsync'
  | 'fsyncSync'
  | 'renameSync'
  | 'mkdirSync'
  | 'utimesSync';

/** Lets the nth call of a function of the system fail, until mocks are restored. */
export function failingCall(
  call: FailingFunction,
  nth: number,
  code: string,
  counts: (first: unknown) => boolean = () => true,
): { readonly failed: boolean } {
  const original = fs[call] as (...args: unknown[]) => unknown;
  const outcome = { failed: false };
  let calls = 0;
  jest.spyOn(fs, call).mockImplementation(((...args: unknown[]) => {
    if (counts(args[0])) calls += 1;
    if (calls !== nth || outcome.failed) return original(...args);
    outcome.failed = true;
    const error = Object.assign(new Error(`${code}: told to fail`), { code });
    if (call !== 'fsync') throw error;
    (args[1] as (error: Error) => void)(error);
    return undefined;
  }) as never);
  return outcome;
}
