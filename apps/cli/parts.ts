import { existsSync } from 'node:fs';

import { Module, type INestApplicationContext, type InjectionToken } from '@nestjs/common';

import { assertRightUser } from '#libs/composition/assert-right-user.js';
import { type Config } from '#libs/config/config.js';
import { type Environment } from '#libs/config/environment.js';
import { loadConfig } from '#libs/config/load-config.js';

@Module({})
class CliPartsModule {}

/**
 * The use cases, opened when a command first asks for one: `--help`, a usage mistake and `key:generate` touch no database.
 */
export class Parts {
  private opened: Promise<INestApplicationContext> | undefined;

  /** @param onNew told when there was no installation, and where there is one now */
  constructor(
    readonly environment: () => Environment,
    private readonly onNew: (file: string) => void,
  ) {}

  readonly config = (): Config => loadConfig(this.environment());

  async get<T>(token: InjectionToken<T>): Promise<T> {
    this.opened ??= this.open();
    return (await this.opened).get<T>(token, { strict: false });
  }

  async close(): Promise<void> {
    await (await this.opened?.catch(() => undefined))?.close();
  }

  private async open(): Promise<INestApplicationContext> {
    const config = this.config();
    assertRightUser(config);
    const [{ NestFactory }, { composeModules }] = await Promise.all([
      import('@nestjs/core'),
      import('#libs/composition/compose-modules.js'),
    ]);
    const imports = Object.values(composeModules(config, { service: 'cli' }));
    const { file } = config.database;
    const isNew = !existsSync(file);
    const application = await NestFactory.createApplicationContext(
      { module: CliPartsModule, imports },
      { logger: false, abortOnError: false },
    );
    if (isNew) this.onNew(file);
    return application;
  }
}
