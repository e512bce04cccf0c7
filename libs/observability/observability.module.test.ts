import { Test } from '@nestjs/testing';

import { ConfigModule } from '#libs/config/config.module.js';
import { loadConfig } from '#libs/config/load-config.js';
import { readEnvironment } from '#libs/config/read-environment.js';

import { METRICS, type Metrics } from './metrics.js';
import { ObservabilityModule } from './observability.module.js';

describe('ObservabilityModule', () => {
  const exposed = async (service: string): Promise<string> => {
    const config = ConfigModule.register(
      loadConfig(readEnvironment({ LOG_LEVEL: 'silent' }, __dirname), () => Buffer.alloc(32)),
    );
    const module = ObservabilityModule.register({ config, service });
    const app = await Test.createTestingModule({ imports: [module] }).compile();
    const metrics = app.get<Metrics>(METRICS, { strict: false });
    metrics.counter('seen_total', 'What was seen.').add();
    return metrics.exposition();
  };

  it('counts in the api', async () => {
    expect(await exposed('api')).toContain('parceler_seen_total 1');
  });

  it.each(['worker', 'scheduler', 'cli'])('counts nothing in the %s, which nobody can ask', async (service) => {
    expect(await exposed(service)).toBe('');
  });
});
