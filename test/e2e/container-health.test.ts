import { spawnSync } from 'node:child_process';
import { existsSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

import { until } from '#libs/kernel/testing/until.js';

import { Dockerfile, words } from '../deploy/dockerfile.js';
import { Parceler } from '../support/parceler.js';

/** What the images ask, run here against programs that were started here. */
describe('health checks of the images', () => {
  let parceler: Parceler;
  let heartbeat: string;
  beforeEach(async () => {
    parceler = await Parceler.create();
    heartbeat = join(parceler.folder, 'heartbeat');
  });
  afterEach(() => parceler.dispose());

  const isHealthy = (target: string): boolean => {
    const [file = '', ...args] = words(new Dockerfile('docker/Dockerfile').last(target, 'HEALTHCHECK'));
    const env = { ...parceler.environment, HEARTBEAT_FILE: heartbeat };
    return spawnSync(file, args, { env }).status === 0;
  };

  it('of the api says whether it is ready', async () => {
    expect(isHealthy('api')).toBe(false);
    const api = await parceler.serve({ only: 'api' });
    expect(isHealthy('api')).toBe(true);
    await parceler.stop(api);
    expect(isHealthy('api')).toBe(false);
  });

  it.each(['scheduler', 'worker'])(
    'of the %s says whether it has been well within the last minute',
    async (program) => {
      expect(isHealthy(program)).toBe(false);
      await parceler.serve({ only: program, env: { HEARTBEAT_FILE: heartbeat } });
      await until(() => existsSync(heartbeat));
      expect(isHealthy(program)).toBe(true);
      const longAgo = Date.now() / 1000 - 61;
      utimesSync(heartbeat, longAgo, longAgo);
      expect(isHealthy(program)).toBe(false);
    },
  );
});
