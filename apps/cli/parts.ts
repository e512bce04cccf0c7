import { Module, type INestApplicationContext } from '@nestjs/common';

import { assertRightUser } from '#libs/composition/assert-right-user.js';
import { partOf } from '#libs/composition/part-of.js';
import { type Config } from '#libs/config/config.js';
import { type Environment } from '#libs/config/environment.js';
import { loadConfig } from '#libs/config/load-config.js';
import { type Name, type Thing } from '#libs/kernel/provider.js';
import { DATABASE } from '#libs/persistence/database.js';

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
    private readonly onNew: (place: string) => void,
  ) {}

  readonly config = (): Config => loadConfig(this.environment());

  async get<const N extends Name<unknown>>(name: N): Promise<Thing<N>> {
    this.opened ??= this.open();
    return partOf(await this.opened, name);
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
    const application = await NestFactory.createApplicationContext(
      { module: CliPartsModule, imports },
      { logger: false, abortOnError: false },
    );
    const database = partOf(application, DATABASE);
    if (database.isNew) this.onNew(database.place);
    return application;
  }
}
