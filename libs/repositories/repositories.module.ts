import { Module, type DynamicModule } from '@nestjs/common';

import { CLOCK, type Clock } from '#libs/kernel/clock.js';
import { DATABASE, type Database } from '#libs/persistence/database.js';

import { DatabaseRepositoryStore } from './adapters/database-repository-store.js';
import { repositoryTable } from './adapters/repository.table.js';
import { DeleteRepository } from './delete-repository.js';
import { RegisterRepository } from './register-repository.js';
import { REPOSITORY_STORE, type RepositoryStore } from './repository-store.js';
import { UpdateRepository } from './update-repository.js';

export const repositoriesTables = [repositoryTable];

const USE_CASES = [RegisterRepository, UpdateRepository, DeleteRepository];

@Module({})
export class RepositoriesModule {
  static register(imports: { readonly config: DynamicModule; readonly persistence: DynamicModule }): DynamicModule {
    return {
      module: RepositoriesModule,
      imports: [imports.config, imports.persistence],
      providers: [
        {
          provide: REPOSITORY_STORE,
          useFactory: (database: Database) => new DatabaseRepositoryStore(database),
          inject: [DATABASE],
        },
        ...USE_CASES.map((UseCase) => ({
          provide: UseCase,
          useFactory: (repositories: RepositoryStore, clock: Clock) => new UseCase(repositories, clock),
          inject: [REPOSITORY_STORE, CLOCK],
        })),
      ],
      exports: [REPOSITORY_STORE, ...USE_CASES],
    };
  }
}
