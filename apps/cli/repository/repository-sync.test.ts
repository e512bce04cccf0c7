import { repositoryName } from '#libs/kernel/ids.js';
import { REPOSITORY_STORE } from '#libs/repositories/repository-store.js';
import { RequestRun } from '#libs/syncing/request-run.js';
import { FollowRun } from '#libs/syncing/runs/follow-run.js';
import { SyncWorld } from '#libs/syncing/testing/sync-world.js';

import { Interrupted } from '../interruption.js';
import { commandContext } from '../testing/command-context.js';
import { RepositorySyncCommand } from './repository-sync.command.js';

describe('repository:sync --all --wait', () => {
  let world: SyncWorld;
  let listening: readonly unknown[];
  beforeEach(async () => {
    world = await SyncWorld.make();
    listening = process.listeners('SIGINT');
    for (let i = 1; i <= 12; i += 1) await world.addRepository('true', {}, repositoryName(`feed-${String(i)}`));
  });
  afterEach(() => world.remove());

  const commandWith = (wait: () => Promise<unknown>) => {
    const surroundings = { clock: world.clock, log: world.log };
    const { context, ...printed } = commandContext(
      new Map<unknown, unknown>([
        [REPOSITORY_STORE, world.repositories],
        [RequestRun, new RequestRun(world.repositories, world.runs, world.queue, surroundings)],
        [FollowRun, new FollowRun(world.runs, wait)],
      ]) as never,
    );
    return { ...printed, run: () => new RepositorySyncCommand(context).run([], { all: true, wait: true }) };
  };

  const endAll = async (): Promise<void> => {
    for (const { id } of await world.runs.list({})) {
      await world.runs.finish({ id }, { state: 'succeeded', at: world.clock.now() });
    }
  };

  it('listens for Ctrl-C once, however many runs it watches, and no longer than it watches', async () => {
    const counts: number[] = [];
    const command = commandWith(async () => {
      counts.push(process.listenerCount('SIGINT'));
      await endAll();
      counts.push(process.listenerCount('SIGINT'));
    });
    await command.run();
    expect(command.stdout().match(/^feed-\d+: done$/gm)).toHaveLength(12);
    expect(new Set(counts)).toEqual(new Set([listening.length + 1]));
    expect(process.listeners('SIGINT')).toEqual(listening);
  });

  it('leaves at Ctrl-C, and says that the run goes on', async () => {
    const command = commandWith(async () => {
      process.listeners('SIGINT').at(-1)?.('SIGINT');
    });
    await expect(command.run()).rejects.toThrow(Interrupted);
    expect(command.stderr()).toMatch(/^warning: run \d+ goes on: parceler run:log \d+ --follow\n$/);
    expect(process.listeners('SIGINT')).toEqual(listening);
  });
});
