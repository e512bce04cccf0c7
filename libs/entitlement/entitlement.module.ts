import { Inject, Module, type DynamicModule, type OnApplicationShutdown, type Provider } from '@nestjs/common';

import { CONFIG } from '#libs/config/config.js';
import { CLOCK } from '#libs/kernel/clock.js';
import { MINUTE } from '#libs/kernel/duration.js';
import { provide, provideClass, token } from '#libs/kernel/provider.js';
import { LOG } from '#libs/observability/log.js';
import { METRICS } from '#libs/observability/metrics.js';
import { SampledLog } from '#libs/observability/sampled-log.js';
import { DATABASE } from '#libs/persistence/database.js';

import { DatabaseSystemStore } from './adapters/database-system-store.js';
import { DatabaseVerdictStore } from './adapters/database-verdict-store.js';
import { generationTable } from './adapters/generation.table.js';
import { licenceAuthorities, type Means } from './adapters/licence-authorities.js';
import { systemTable } from './adapters/system.table.js';
import { verdictTable } from './adapters/verdict.table.js';
import { AddSystem } from './systems/add-system.js';
import { CheckEntitlement, type EditionAuthority } from './check-entitlement.js';
import { CredentialKeys } from './credential-keys.js';
import { type Edition } from './edition.js';
import { ForgetSystem } from './systems/forget-system.js';
import { ListSystems } from './systems/list-systems.js';
import { RegisterAuthority } from './authority/register-authority.js';
import { RevokeSystem } from './systems/revoke-system.js';
import { SYSTEM_STORE } from './systems/system-store.js';
import { VerdictCache } from './verdicts/verdict-cache.js';
import { VERDICT_STORE, type VerdictStore } from './verdicts/verdict-store.js';

export const entitlementTables = [verdictTable, systemTable, generationTable];

const MEANS = token<Means>('Means');
const LICENCE_AUTHORITIES = token<Readonly<Record<Edition, EditionAuthority>>>('LicenceAuthorities');

const stores: Provider[] = [
  provide(CredentialKeys, [CONFIG], ({ app }) => new CredentialKeys(app.key)),
  provide(VERDICT_STORE, [CONFIG, DATABASE, CredentialKeys, CLOCK, LOG], async ({ cache }, ...parts) => {
    if (cache.store === 'database') return new DatabaseVerdictStore(...parts);
    const { RedisVerdictStore } = await import('./adapters/redis-verdict-store.js'); // its library is large
    return new RedisVerdictStore(cache.url.reveal(), ...parts);
  }),
  provide(SYSTEM_STORE, [DATABASE], (database) => new DatabaseSystemStore(database)),
];

const check: Provider[] = [
  provide(MEANS, [CLOCK, LOG, METRICS], (clock, log, metrics) => ({ clock, log, metrics })),
  provide(LICENCE_AUTHORITIES, [CONFIG, SYSTEM_STORE, CredentialKeys, MEANS], ({ entitlement }, systems, keys, means) =>
    licenceAuthorities(entitlement, new RegisterAuthority(systems, keys, means.clock), means),
  ),
  provide(
    CheckEntitlement,
    [LICENCE_AUTHORITIES, VERDICT_STORE, CredentialKeys, MEANS],
    (authorities, verdicts, keys, { clock, log }) => {
      const sampled = new SampledLog(log, { lines: 1, windowMs: MINUTE });
      const cache = new VerdictCache(verdicts, sampled);
      return new CheckEntitlement(authorities, cache, keys, { clock, log: sampled, random: Math.random });
    },
  ),
];

const register: Provider[] = [
  provideClass(AddSystem, [SYSTEM_STORE, CredentialKeys, CLOCK]),
  provideClass(RevokeSystem, [SYSTEM_STORE, CLOCK]),
  provideClass(ListSystems, [SYSTEM_STORE, CredentialKeys, CLOCK]),
  provideClass(ForgetSystem, [VERDICT_STORE, CLOCK]),
];

/** Who may download: licence authorities, what they said, and the built-in register of systems. */
@Module({})
export class EntitlementModule implements OnApplicationShutdown {
  constructor(@Inject(VERDICT_STORE) private readonly verdicts: VerdictStore) {}

  static register(imports: {
    readonly config: DynamicModule;
    readonly persistence: DynamicModule;
    readonly observability: DynamicModule;
  }): DynamicModule {
    return {
      module: EntitlementModule,
      imports: [imports.config, imports.persistence, imports.observability],
      providers: [...stores, ...check, ...register],
      exports: [CheckEntitlement, AddSystem, RevokeSystem, ListSystems, ForgetSystem],
    };
  }

  /** The database closes after us. */
  async onApplicationShutdown(): Promise<void> {
    await this.verdicts.close();
  }
}
