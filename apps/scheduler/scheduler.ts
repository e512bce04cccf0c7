import { type DynamicModule, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SchedulerRegistry } from '@nestjs/schedule';

import { failingParts } from '#libs/composition/failing-parts.js';
import { partOf } from '#libs/composition/part-of.js';
import { messageOf } from '#libs/kernel/errors.js';
import { MaintenanceWatch } from '#libs/maintenance/maintenance-watch.js';
import { LOG, type Log } from '#libs/observability/log.js';
import { DATABASE } from '#libs/persistence/database.js';
import { DISK } from '#libs/storage/disk.js';

import { type Schedule } from './schedules.js';
import { SCHEDULES } from './scheduler.module.js';

/** The scheduler as a running program. What comes due in a maintenance is done when that is over. */
export class Scheduler {
  private readonly running = new Map<string, Promise<void>>();
  /** What came due in a maintenance. */
  private readonly missed = new Set<() => void>();
  private stopped: Promise<void> | undefined;

  private constructor(
    private readonly app: INestApplicationContext,
    private readonly registry: SchedulerRegistry,
    readonly log: Log,
  ) {}

  /** @throws whatever keeps the parts from starting */
  static async start(module: DynamicModule): Promise<Scheduler> {
    const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
    const scheduler = new Scheduler(
      app,
      app.get(SchedulerRegistry, { strict: false }),
      app.get(LOG, { strict: false }),
    );
    await scheduler.maintenance.start();
    scheduler.maintenance.onChange(() => {
      scheduler.catchUp();
    });
    for (const schedule of app.get<readonly Schedule[]>(SCHEDULES)) scheduler.begin(schedule);
    return scheduler;
  }

  private get maintenance(): MaintenanceWatch {
    return partOf(this.app, MaintenanceWatch);
  }

  readonly isOutdated = (): boolean => partOf(this.app, DATABASE).isReplaced();

  readonly isWell = async (): Promise<boolean> =>
    (await failingParts(partOf(this.app, DATABASE), partOf(this.app, DISK))).length === 0;

  /** Begins nothing new, and lets go of everything once what was begun has ended. */
  stop(): Promise<void> {
    this.stopped ??= this.end();
    return this.stopped;
  }

  private begin(schedule: Schedule): void {
    const tick = (): void => {
      if (this.maintenance.current !== undefined) {
        this.missed.add(tick);
        return;
      }
      if (this.running.has(schedule.name)) return;
      this.running.set(
        schedule.name,
        this.run(schedule).finally(() => this.running.delete(schedule.name)),
      );
    };
    this.registry.addInterval(schedule.name, setInterval(tick, schedule.everyMs));
    tick();
  }

  private catchUp(): void {
    if (this.maintenance.current !== undefined || this.stopped !== undefined) return;
    const missed = [...this.missed];
    this.missed.clear();
    for (const tick of missed) tick();
  }

  /** Whatever goes wrong, the next time comes. */
  private async run({ name, run }: Schedule): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.log.error('schedule failed', { schedule: name, error: messageOf(error) });
    }
  }

  private async end(): Promise<void> {
    for (const name of this.registry.getIntervals()) this.registry.deleteInterval(name);
    await Promise.all(this.running.values());
    await this.app.close();
  }
}
