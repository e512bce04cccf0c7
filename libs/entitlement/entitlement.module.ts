import { Inject, Module, type DynamicModule, type OnApplicationShutdown, type Provider } from '@nestjs/common';

import { CONFIG, type Config } from '#libs/config/config.js';
import { CLOCK, type Clock } from '#libs/kernel/clock.js';
import { MINUTE } from '#libs/kernel/duration.js';
import { LOG, type Log } from '#libs/observability/log.js';
import { METRICS, type Metrics } from '#libs/observability/metrics.js';
import { SampledLog } from '#libs/observability/sampled-log.js';
import { DATABASE, type Database } from '#libs/persistence/database.js';

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
import { SYSTEM_STORE, type SystemStore } from './systems/system-store.js';
import { VerdictCache } from './verdicts/verdict-cache.js';
import { VERDICT_STORE, type VerdictStore } from './verdicts/verdict-store.js';

export const entitlementTables = [verdictTable, systemTable, generationTable];

const MEANS = Symbol('Means');
const LICENCE_AUTHORITIES = Symbol('LicenceAuthorities');
type Authorities = Readonly<Record<Edition, EditionAuthority>>;

const stores: Provider[] = [
  { provide: CredentialKeys, useFactory: (config: Config) => new CredentialKeys(config.app.key), inject: [CONFIG] },
  {
    provide: VERDICT_STORE,
    useFactory: (database: Database, keys: CredentialKeys, clock: Clock, log: Log) =>
      new DatabaseVerdictStore(database, keys, clock, log),
    inject: [DATABASE, CredentialKeys, CLOCK, LOG],
  },
  { provide: SYSTEM_STORE, useFactory: (database: Database) => new DatabaseSystemStore(database), inject: [DATABASE] },
];

const check: Provider[] = [
  {
    provide: MEANS,
    useFactory: (clock: Clock, log: Log, metrics: Metrics): Means => ({ clock, log, metrics }),
    inject: [CLOCK, LOG, METRICS],
  },
  {
    provide: LICENCE_AUTHORITIES,
    useFactory: (config: Config, systems: SystemStore, keys: CredentialKeys, means: Means) =>
      licenceAuthorities(config.entitlement, new RegisterAuthority(systems, keys, means.clock), means),
    inject: [CONFIG, SYSTEM_STORE, CredentialKeys, MEANS],
  },
  {
    provide: CheckEntitlement,
    useFactory: (authorities: Authorities, verdicts: VerdictStore, keys: CredentialKeys, { clock, log }: Means) =>
      new CheckEntitlement(authorities, new VerdictCache(verdicts, log), keys, {
        clock,
        log: new SampledLog(log, { lines: 1, windowMs: MINUTE }),
        random: Math.random,
      }),
    inject: [LICENCE_AUTHORITIES, VERDICT_STORE, CredentialKeys, MEANS],
  },
];

const register: Provider[] = [
  {
    provide: AddSystem,
    useFactory: (systems: SystemStore, keys: CredentialKeys, clock: Clock) => new AddSystem(systems, keys, clock),
    inject: [SYSTEM_STORE, CredentialKeys, CLOCK],
  },
  {
    provide: RevokeSystem,
    useFactory: (systems: SystemStore, clock: Clock) => new RevokeSystem(systems, clock),
    inject: [SYSTEM_STORE, CLOCK],
  },
  { provide: ListSystems, useFactory: (systems: SystemStore) => new ListSystems(systems), inject: [SYSTEM_STORE] },
  {
    provide: ForgetSystem,
    useFactory: (verdicts: VerdictStore, clock: Clock) => new ForgetSystem(verdicts, clock),
    inject: [VERDICT_STORE, CLOCK],
  },
];

/** Who may download: licence authorities, what they said, and the built-in register of systems. */
@Module({})
export class EntitlementModule implements OnApplicationShutdown {
  constructor(@Inject(VERDICT_STORE) private readonly verdicts: DatabaseVerdictStore) {}

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
    await this.verdicts.flush();
  }
}
