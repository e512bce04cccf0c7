import { Module, type DynamicModule } from '@nestjs/common';

import { CLOCK } from '#libs/kernel/clock.js';
import { provide, provideClass } from '#libs/kernel/provider.js';
import { DATABASE } from '#libs/persistence/database.js';

import { DatabaseRepositoryStore } from './adapters/database-repository-store.js';
import { repositoryTable } from './adapters/repository.table.js';
import { RegisterRepository } from './register-repository.js';
import { REPOSITORY_STORE } from './repository-store.js';
import { UpdateRepository } from './update-repository.js';

export const repositoriesTables = [repositoryTable];

const USE_CASES = [
  provideClass(RegisterRepository, [REPOSITORY_STORE, CLOCK]),
  provideClass(UpdateRepository, [REPOSITORY_STORE, CLOCK]),
];

@Module({})
export class RepositoriesModule {
  static register(imports: { readonly config: DynamicModule; readonly persistence: DynamicModule }): DynamicModule {
    return {
      module: RepositoriesModule,
      imports: [imports.config, imports.persistence],
      providers: [
        provide(REPOSITORY_STORE, [DATABASE], (database) => new DatabaseRepositoryStore(database)),
        ...USE_CASES,
      ],
      exports: [REPOSITORY_STORE, ...USE_CASES.map((useCase) => useCase.provide)],
    };
  }
}
