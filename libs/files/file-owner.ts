import { lstatSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** The name of the user to whom a file belongs; where it cannot be looked at, of what stands above it and can be. */
export function ownerOf(path: string): string {
  try {
    return nameOfUser(lstatSync(path).uid);
  } catch (error) {
    if (dirname(path) === path) throw error;
    return ownerOf(dirname(path));
  }
}

/** As this machine knows it, else the number. */
export function nameOfUser(uid: number): string {
  const [name] =
    lines('/etc/passwd')
      .map((line) => line.split(':'))
      .find(([, , number]) => number === String(uid)) ?? [];
  return name ?? `user ${String(uid)}`;
}

function lines(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return []; // numbers will do
  }
}
