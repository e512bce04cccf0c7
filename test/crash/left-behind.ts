import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

/** Processes that work in a folder, or whose command line names it, as `<pid> <command line>`. */
export function processesOf(folder: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      const line = about(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim());
      const place = about(() => readlinkSync(`/proc/${pid}/cwd`));
      return line !== '' && (line.includes(folder) || place.startsWith(folder)) ? [`${pid} ${line}`] : [];
    });
}

/** When a file was last written, in ms since 1970; 0 when there is none. */
export const writtenAt = (file: string): number => (existsSync(file) ? statSync(file).mtimeMs : 0);

/** Of a process that may be gone by now. */
function about(look: () => string): string {
  try {
    return look();
  } catch {
    return '';
  }
}
