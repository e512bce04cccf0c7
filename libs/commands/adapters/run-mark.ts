import { randomUUID } from 'node:crypto';
import { open, readlink, rm, type FileHandle } from 'node:fs/promises';

/**
 * An open file without a name that one run's processes inherit, also out of their group and session and whatever they do
 * to their environment. Whoever holds it belongs to the run; nobody else can come to it, unlike to the lock file, which
 * workers and bystanders may open as well.
 */
export class RunMark {
  private constructor(
    private readonly file: FileHandle,
    /** What the system calls the file among a process's descriptors; `undefined` where it does not tell. */
    readonly link: string | undefined,
  ) {}

  /** @param beside where a file may be made for an instant */
  static async make(beside: string): Promise<RunMark> {
    const path = `${beside}.${randomUUID()}`;
    const file = await open(path, 'wx', 0o600);
    try {
      await rm(path);
      return new RunMark(file, await readlink(`/proc/self/fd/${String(file.fd)}`).catch(() => undefined));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get fd(): number {
    return this.file.fd;
  }

  /** As soon as the run has inherited it: every child that we fork has, for an instant, all that we have open. */
  async handedOn(): Promise<void> {
    await this.file.close();
  }
}
