import { actor } from '#libs/kernel/actor.js';
import { repositoryName } from '#libs/kernel/ids.js';

import { ask } from '../testing/raw-http.js';
import { startApi, type RunningApi } from '../testing/running-api.js';

const SETTINGS = {
  command: 'true',
  sourceFolder: undefined,
  delay: 7,
  holdBack: 'window',
  schedule: undefined,
  editions: ['community'],
} as const;

describe('stale repositories', () => {
  let running: RunningApi;
  beforeAll(async () => {
    running = await startApi();
    const longAgo = new Date('2026-01-01T00:00:00Z');
    const act = { actor: actor('cli', 'test') };
    for (const name of ['never-synced', 'debian']) {
      await running.repositories.add(repositoryName(name), SETTINGS, longAgo, act);
    }
    await running.publish('debian', { file: 'x' });
  });
  afterAll(() => running.stop());

  it('are counted for everybody, and named for nobody', async () => {
    const { status, body } = await ask(running.port, '/health/ready');
    expect([status, body.toString()]).toEqual([200, '{"status":"ok","staleRepositories":1}']);
    const metrics = (await ask(running.port, '/metrics')).body.toString();
    expect(metrics).toContain('\nparceler_stale_repositories 1\n');
    expect(metrics).not.toContain('never-synced');
  });
});
