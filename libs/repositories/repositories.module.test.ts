import { Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';

import { actor } from '#libs/kernel/actor.js';
import { CLOCK } from '#libs/kernel/clock.js';
import { fixedClock } from '#libs/kernel/testing/fixed-clock.js';
import { DATABASE } from '#libs/persistence/database.js';
import { temporaryFile } from '#libs/persistence/testing/temporary-database.js';

import { RegisterRepository } from './register-repository.js';
import { RepositoriesModule, repositoriesTables } from './repositories.module.js';
import { REPOSITORY_STORE, type RepositoryStore } from './repository-store.js';
import { UpdateRepository } from './update-repository.js';

@Module({})
class TestClockModule {}
@Module({})
class TestPersistenceModule {}

it('wires the store and each use case', async () => {
  const { database, remove } = await temporaryFile(repositoriesTables);
  const clock = { provide: CLOCK, useValue: fixedClock('2026-03-10T00:00:00Z') };
  const config = { module: TestClockModule, providers: [clock], exports: [CLOCK] };
  const persistence = {
    module: TestPersistenceModule,
    providers: [{ provide: DATABASE, useValue: database }],
    exports: [DATABASE],
  };
  const application = await Test.createTestingModule({
    imports: [RepositoriesModule.register({ config, persistence })],
  }).compile();
  const act = { actor: actor('cli', 'test') };
  const store = application.get<RepositoryStore>(REPOSITORY_STORE, { strict: false });

  const { name } = await application.get(RegisterRepository).run({ name: 'debian', command: 'true' }, act);
  await application.get(UpdateRepository).run(name, { delay: 3 }, act);
  expect(await store.list()).toMatchObject([{ name: 'debian', delay: 3 }]);

  await application.close();
  await remove();
});
