import { folderFingerprint } from './folder-growth.js';

/** How often within the idle time it is looked for growth, while there is no output. */
const LOOKS = 4;

/** Calls `onIdle` once when neither output nor growth of the folder was seen for `idleMs` (give or take a quarter). */
export class IdleWatch {
  private readonly timer: NodeJS.Timeout;
  private lastSign = performance.now();
  private lastOutput = this.lastSign;
  private fingerprint: string | undefined;
  private looking = false;
  private stopped = false;

  constructor(
    private readonly idleMs: number,
    private readonly folder: string,
    private readonly onIdle: () => void,
  ) {
    this.timer = setInterval(() => void this.look(), Math.max(1, idleMs / LOOKS));
  }

  sawOutput(): void {
    this.lastOutput = performance.now();
  }

  stop(): void {
    this.stopped = true;
    clearInterval(this.timer);
  }

  /** The folder is only walked while the command is silent, one walk at a time. */
  private async look(): Promise<void> {
    if (this.looking) return;
    const silentMs = performance.now() - this.lastOutput;
    if (silentMs < this.idleMs / LOOKS) return;
    this.looking = true;
    const fingerprint = await folderFingerprint(this.folder).catch(() => undefined);
    this.looking = false;
    if (this.fingerprint !== undefined && fingerprint !== this.fingerprint) this.lastSign = performance.now();
    this.fingerprint = fingerprint;
    const idle = performance.now() - Math.max(this.lastSign, this.lastOutput) >= this.idleMs;
    if (!idle || this.stopped) return;
    this.stop();
    this.onIdle();
  }
}
