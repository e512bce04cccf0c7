import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { parse } from 'yaml';

import { ROOT } from './dockerfile.js';

export interface Service {
  readonly image: string;
  readonly build?: {
    readonly context: string;
    readonly dockerfile: string;
    readonly target: string;
    readonly args: object;
  };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: object;
  readonly networks?: Readonly<Record<string, null>>;
  readonly stop_grace_period?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly restart?: string;
  readonly tmpfs?: readonly string[];
}

interface Project {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks?: Readonly<Record<string, { readonly internal?: boolean } | null>>;
  readonly volumes?: Readonly<Record<string, unknown>>;
}

/** A compose file as docker-compose understands it, with a `.env` of these lines beside it. */
export function project(file: string, dotEnv: string): Project {
  const folder = mkdtempSync(join(tmpdir(), 'compose-'));
  try {
    writeFileSync(join(folder, 'docker-compose.yml'), readFileSync(join(ROOT, file)));
    writeFileSync(join(folder, '.env'), dotEnv);
    const options = { cwd: folder, encoding: 'utf8', stdio: 'pipe', env: { PATH: process.env['PATH'] } } as const;
    return parse(execFileSync('docker-compose', ['config'], options)) as Project;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
