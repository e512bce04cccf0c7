import { AppError } from '#libs/kernel/errors.js';

const LONGEST = 4096;

/**
 * The first line of standard input: how a secret is given without standing in the shell's history or in `ps`.
 *
 * @throws AppError `USAGE` when there is none
 */
export async function lineFromStandardInput(what: string): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > LONGEST || text.includes('\n')) break;
  }
  const [line = ''] = text.split(/\r?\n/, 1);
  if (line !== '') return line;
  throw new AppError('invalid', 'USAGE', `Standard input holds no ${what}.`, {
    hint: `Pipe it in: printf %s "$${what.toUpperCase()}" | parceler …`,
  });
}
