import 'reflect-metadata';

import { randomUUID } from 'node:crypto';

import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

import { partOf } from '#libs/composition/part-of.js';
import { composeModules } from '#libs/composition/compose-modules.js';
import { readEnvironment } from '#libs/config/read-environment.js';
import { loadConfig } from '#libs/config/load-config.js';
import { actor } from '#libs/kernel/actor.js';
import { repositoryName } from '#libs/kernel/ids.js';
import { LEASES } from '#libs/persistence/lease.js';
import { USUAL_LEASE, withLease } from '#libs/persistence/with-lease.js';
import { RegisterRepository } from '#libs/repositories/register-repository.js';
import { TakeSnapshot } from '#libs/snapshots/take-snapshot.js';

import { type Order, type Outcome } from '../support/workshop.js';

@Module({})
class WorkshopModule {}

/** The use cases that a worker has, at the command of the benchmark: one order at a time. */
async function main(): Promise<void> {
  const imports = Object.values(composeModules(loadConfig(readEnvironment(process.env)), { service: 'worker' }));
  const parts = await NestFactory.createApplicationContext({ module: WorkshopModule, imports }, { logger: false });
  const register = parts.get(RegisterRepository, { strict: false });
  const takeSnapshot = parts.get(TakeSnapshot, { strict: false });
  const leases = partOf(parts, LEASES);
  const act = { actor: actor('worker', 'bench') };

  const snapshot = async (repository: string): Promise<{ files: number; changed: number }> => {
    const name = repositoryName(repository);
    const terms = { ...USUAL_LEASE, owner: 'bench' };
    const leased = await withLease(leases, `repository:${name}`, terms, ({ fence, signal }) =>
      takeSnapshot.run({
        repository: { name, sourceFolder: undefined },
        attempt: randomUUID(),
        fence,
        act,
        signal,
      }),
    );
    if (leased.kind === 'taken') throw new Error(`${name} is leased to somebody else`);
    const { snapshot: taken, changes } = leased.value;
    return { files: taken.files, changed: changes.added + changes.changed + changes.removed };
  };

  const obey = async (order: Order): Promise<Outcome> => {
    const start = performance.now();
    const counts = order.kind === 'snapshot' ? await snapshot(order.repository) : { files: 0, changed: 0 };
    if (order.kind === 'register') {
      for (const name of order.names) await register.run({ name, command: 'true', delay: 0 }, act);
    }
    return { seconds: (performance.now() - start) / 1_000, ...counts };
  };

  const answer = (outcome: Outcome): void => void process.send?.(outcome);
  process.on('message', (order: Order) => {
    obey(order).then(answer, (error: unknown) =>
      answer({
        seconds: 0,
        files: 0,
        changed: 0,
        failure: error instanceof Error ? (error.stack ?? '') : String(error),
      }),
    );
  });
  const end = (): void => void parts.close().finally(() => process.exit());
  process.once('SIGTERM', end);
  process.once('disconnect', end);
  process.send?.('ready');
}

void main();
