import { writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';

import { type Bench } from './bench.js';
import { type Series } from './figure.js';
import { type LoadOrder, type LoadOutcome } from './load.js';
import { processorSeconds } from './machine.js';
import { type Program } from './processes.js';
import { benchProgram } from './root.js';
import { ratios } from './statistics.js';
import { Workshop } from './workshop.js';

const WARM = { enough: 20_000, mostSeconds: 10 };

/** Distinct files of each size: what a fleet asks for at one time. */
const FILES = 500;
const KINDS = {
  small: { bytes: 4 * 1024, peer: '/small', expect: 'good' },
  medium: { bytes: 100 * 1024, peer: '/medium', expect: 'good' },
  challenge: { bytes: 4 * 1024, peer: '/hello', expect: 'refused' },
} as const;
export type ServingKind = keyof typeof KINDS;

interface Sample extends LoadOutcome {
  /** Processor time of the server, in µs. */
  readonly processorPerRequest: number;
}

export interface Serving {
  readonly api: readonly Sample[];
  readonly bare: readonly Sample[];
}

interface Contender {
  readonly server: Program;
  readonly order: LoadOrder;
}

/** The api, with every check, log and metric it has, beside the bare server, in turns. */
export const compareServing = (bench: Bench, kind: ServingKind): Promise<Serving> =>
  bench.shared(`serving ${kind}`, () => measure(bench, kind));

export const perSecond = (samples: readonly Sample[]): readonly number[] =>
  samples.map(({ requests, seconds }) => requests / seconds);

export const throughputRatio = ({ api, bare }: Serving): readonly number[] => ratios(perSecond(api), perSecond(bare));

export const processorRatio = ({ api, bare }: Serving): readonly number[] =>
  ratios(processorTimes(api), processorTimes(bare));

export const servingSeries = ({ api, bare }: Serving): readonly Series[] => [
  { of: 'api', unit: 'requests/s', values: perSecond(api) },
  { of: 'bare node:http', unit: 'requests/s', values: perSecond(bare) },
  { of: 'api, processor time a request', unit: 'µs', values: processorTimes(api) },
  { of: 'bare node:http, processor time a request', unit: 'µs', values: processorTimes(bare) },
  { of: 'api, 99 % of requests within', unit: 'ms', values: api.map(({ p99Ms }) => p99Ms) },
];

const processorTimes = (samples: readonly Sample[]): readonly number[] =>
  samples.map(({ processorPerRequest }) => processorPerRequest);

async function measure(bench: Bench, kind: ServingKind): Promise<Serving> {
  const [api, bare] = await contenders(bench, kind);
  for (const contender of [api, bare]) await warmUp(bench, contender);
  const serving = { api: [] as Sample[], bare: [] as Sample[] };
  for (let round = 0; round < bench.extent.rounds; round += 1) {
    serving.bare.push(await sample(bench, bare));
    serving.api.push(await sample(bench, api));
  }
  return serving;
}

/** By requests, not by time: what is compiled and cached then does not depend on how busy the machine is. */
async function warmUp(bench: Bench, contender: Contender): Promise<void> {
  const { enough, mostSeconds } = WARM;
  for (let done = 0, seconds = 0; done < enough && seconds < mostSeconds;) {
    const outcome = await sample(bench, contender);
    done += outcome.requests;
    seconds += outcome.seconds;
  }
}

async function sample(bench: Bench, { server, order }: Contender): Promise<Sample> {
  const before = processorSeconds(server.pid);
  const outcome = await bench.load.forSeconds(bench.extent.loadSeconds, order);
  const used = processorSeconds(server.pid) - before;
  return { ...outcome, processorPerRequest: (used * 1e6) / outcome.requests };
}

async function contenders(bench: Bench, kind: ServingKind): Promise<readonly [Contender, Contender]> {
  const { api, bare, login } = await bench.shared('serving world', () => makeWorld(bench));
  const { peer, expect } = KINDS[kind];
  const folder = kind === 'medium' ? 'medium' : 'small';
  const paths = names(folder).map((name) => `/repository/community/${REPOSITORY}/${name}`);
  const order = { port: api.port, paths, expect, ...(expect === 'good' && { login }) };
  return [
    { server: api, order },
    { server: bare, order: { port: bare.port, paths: [peer], expect: 'good' } },
  ];
}

const REPOSITORY = 'packages';

async function makeWorld(bench: Bench) {
  bench.say(`making an installation that serves ${String(FILES)} files of 4 and of 100 KiB`);
  const installation = await bench.newInstallation();
  for (const folder of ['small', 'medium'] as const) {
    mkdirSync(join(installation.source(REPOSITORY), folder), { recursive: true });
    for (const name of names(folder)) {
      writeFileSync(join(installation.source(REPOSITORY), name), randomBytes(KINDS[folder].bytes));
    }
  }
  const workshop = await Workshop.open(bench.processes, installation);
  await workshop.register(REPOSITORY);
  await workshop.snapshot(REPOSITORY);
  await workshop.close();
  const login = installation.addSystem();
  const api = await installation.startApi();
  const log = join(bench.newFolder('bare-server'), 'log');
  const bare = await bench.processes.start(benchProgram('peers/bare-server'), { log });
  return { api, bare: { ...bare, port: Number(bare.greeting) }, login };
}

const names = (folder: 'small' | 'medium'): readonly string[] =>
  Array.from({ length: FILES }, (_, n) => `${folder}/package-${String(n).padStart(3, '0')}_1.0-1_all.ipk`);
