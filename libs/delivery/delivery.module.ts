import { Module, type DynamicModule } from '@nestjs/common';

import { CheckEntitlement } from '#libs/entitlement/check-entitlement.js';
import { CONFIG } from '#libs/config/config.js';
import { CLOCK } from '#libs/kernel/clock.js';
import { DISK } from '#libs/storage/disk.js';
import { provide, provideClass } from '#libs/kernel/provider.js';
import { CATALOG } from '#libs/snapshots/catalog/catalog.js';
import { LOG } from '#libs/observability/log.js';
import { MarkDamaged } from '#libs/snapshots/damage/mark-damaged.js';
import { ServedSnapshots } from '#libs/snapshots/served-snapshots.js';

import { followLink } from './adapters/follow-link.js';
import { AnswerFileRequest } from './answer-file-request.js';
import { ChooseWay } from './choose-way.js';
import { DeliverFile } from './deliver-file.js';
import { ReportDamage } from './report-damage.js';
import { TemporaryLinks } from './temporary-links.js';

/** From a request to the file it gets. */
@Module({})
export class DeliveryModule {
  static register(imports: {
    readonly config: DynamicModule;
    readonly observability: DynamicModule;
    readonly storage: DynamicModule;
    readonly snapshots: DynamicModule;
    readonly entitlement: DynamicModule;
  }): DynamicModule {
    return {
      module: DeliveryModule,
      imports: [imports.config, imports.observability, imports.storage, imports.snapshots, imports.entitlement],
      providers: [
        provideClass(DeliverFile, [CATALOG]),
        provideClass(AnswerFileRequest, [ServedSnapshots, CheckEntitlement, DeliverFile]),
        provide(
          TemporaryLinks,
          [DISK, CLOCK, LOG],
          (disk, clock, log) => new TemporaryLinks(disk, followLink, clock, log),
        ),
        provide(ChooseWay, [CONFIG, TemporaryLinks], ({ delivery }, links) => new ChooseWay(delivery, links)),
        provideClass(ReportDamage, [ServedSnapshots, MarkDamaged, LOG]),
      ],
      exports: [AnswerFileRequest, ChooseWay, ReportDamage],
    };
  }
}
