import { execFile } from 'node:child_process';
import { accessSync, constants, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

import { benchProgram, ROOT } from './root.js';

const CONNECTIONS = 64;
const run = promisify(execFile);

export interface LoadOrder {
  readonly port: number;
  /** Asked for in turn. */
  readonly paths: readonly string[];
  /** `user:password` */
  readonly login?: string;
  /** All answers have to be good, or all have to be refusals (4xx). */
  readonly expect: 'good' | 'refused';
}

export interface LoadOutcome {
  readonly requests: number;
  readonly seconds: number;
  readonly p99Ms: number;
  /** Answers of 400 and above. */
  readonly refused: number;
  /** Connections and answers that failed. */
  readonly broken: number;
}

/** Clients of an HTTP server on this machine, in a process of their own: 64 connections that ask again as soon as answered. */
export class Load {
  private orders = 0;

  /**
   * @param folder for files of its own
   * @param over aborted when nobody wants to know any more
   */
  constructor(
    private readonly folder: string,
    private readonly over: AbortSignal,
  ) {}

  /** `wrk` where it is installed: it takes far less of the machine than a generator in Node, which bends ratios towards 1. */
  get generator(): 'wrk' | 'node' {
    return WRK === undefined ? 'node' : 'wrk';
  }

  /** Asks for so many seconds. */
  async forSeconds(seconds: number, order: LoadOrder): Promise<LoadOutcome> {
    return checked(order, await (WRK === undefined ? this.byNode(order, seconds) : this.byWrk(WRK, order, seconds)));
  }

  /** Asks for each path once. */
  async once(order: LoadOrder): Promise<LoadOutcome> {
    return checked(order, await this.byNode(order, undefined));
  }

  private async byWrk(wrk: string, order: LoadOrder, seconds: number): Promise<LoadOutcome> {
    const connections = ['-t1', '--timeout', '30s', `-c${String(CONNECTIONS)}`, `-d${String(seconds)}s`];
    const headers = order.login === undefined ? [] : ['-H', `Authorization: ${basic(order.login)}`];
    const script = ['-s', join(ROOT, 'bench/support/wrk.lua'), `http://127.0.0.1:${String(order.port)}/`];
    const { stdout } = await run(wrk, [...connections, ...headers, ...script, '--', this.fileOf(order.paths)], {
      signal: this.over,
    });
    const outcome = /^OUTCOME (.*)$/m.exec(stdout)?.[1];
    if (outcome === undefined) throw new Error(`wrk did not tell its outcome: ${stdout}`);
    return JSON.parse(outcome) as LoadOutcome;
  }

  private async byNode(order: LoadOrder, seconds: number | undefined): Promise<LoadOutcome> {
    const limit = seconds === undefined ? 'once' : String(seconds);
    const authorization = order.login === undefined ? '' : basic(order.login);
    const args = [String(order.port), String(CONNECTIONS), limit, this.fileOf(order.paths), authorization];
    const { stdout } = await run(process.execPath, [benchProgram('programs/load-generator'), ...args], {
      signal: this.over,
    });
    return JSON.parse(stdout) as LoadOutcome;
  }

  private fileOf(paths: readonly string[]): string {
    this.orders += 1;
    const file = join(this.folder, `paths-${String(this.orders)}`);
    writeFileSync(file, paths.join('\n') + '\n');
    return file;
  }
}

/** @throws when the server did not do what is being measured */
function checked(order: LoadOrder, outcome: LoadOutcome): LoadOutcome {
  const { requests, refused, broken } = outcome;
  const wrong = broken + (order.expect === 'good' ? refused : requests - refused);
  if (wrong > 0 || requests === 0) {
    throw new Error(
      `${String(wrong)} of ${String(requests)} answers were not ${order.expect}: ${order.paths[0] ?? ''}`,
    );
  }
  return outcome;
}

const basic = (login: string): string => `Basic ${Buffer.from(login).toString('base64')}`;

const WRK = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'wrk'))
  .find((file) => isProgram(file));

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
