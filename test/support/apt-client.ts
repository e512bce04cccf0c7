import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface AptResult {
  readonly status: number | null;
  readonly output: string;
}

/** The machine's real apt with a root of its own, so that it knows one archive only and leaves the system alone. */
export class AptClient {
  readonly root = mkdtempSync(join(tmpdir(), 'apt-client-'));

  constructor(archive: string, credentials: { readonly login: string; readonly password: string }) {
    for (const folder of [
      'etc/apt/auth.conf.d',
      'etc/apt/apt.conf.d',
      'etc/apt/preferences.d',
      'state/lists/partial',
      'cache/archives/partial',
      'downloads',
    ]) {
      mkdirSync(join(this.root, folder), { recursive: true });
    }
    const { login, password } = credentials;
    writeFileSync(join(this.root, 'etc/apt/sources.list'), `deb [trusted=yes arch=amd64] ${archive} stable main\n`);
    // apt sends credentials over plain http only when the machine names the scheme (apt_auth.conf(5)).
    writeFileSync(
      join(this.root, 'etc/apt/auth.conf.d/parceler.conf'),
      `machine ${archive} login ${login} password ${password}\n`,
    );
    writeFileSync(join(this.root, 'status'), '');
  }

  update(): AptResult {
    return this.run('update');
  }

  /** Downloads a package into `downloads/`; apt itself checks size and hash against the index. */
  download(name: string): AptResult {
    return this.run('download', name);
  }

  get downloads(): readonly string[] {
    return readdirSync(join(this.root, 'downloads')).toSorted();
  }

  dispose(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  private run(...args: readonly string[]): AptResult {
    const { status, stdout, stderr } = spawnSync('apt-get', [...this.options(), ...args], {
      cwd: join(this.root, 'downloads'),
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', no_proxy: '127.0.0.1' },
    });
    return { status, output: stdout + stderr };
  }

  private options(): readonly string[] {
    const settings = {
      'Dir::Etc': join(this.root, 'etc/apt'),
      'Dir::Etc::netrcparts': join(this.root, 'etc/apt/auth.conf.d'),
      'Dir::State': join(this.root, 'state'),
      'Dir::State::status': join(this.root, 'status'),
      'Dir::Cache': join(this.root, 'cache'),
      'APT::Architecture': 'amd64',
      'APT::Sandbox::User': '',
      'Acquire::Retries': '0',
      'Acquire::Languages': 'none',
    };
    return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  }
}
