import { Module, type DynamicModule } from '@nestjs/common';

import { CheckEntitlement } from '#libs/entitlement/check-entitlement.js';
import { provideClass } from '#libs/kernel/provider.js';
import { CATALOG } from '#libs/snapshots/catalog/catalog.js';
import { LOG } from '#libs/observability/log.js';
import { MarkDamaged } from '#libs/snapshots/damage/mark-damaged.js';
import { ServedSnapshots } from '#libs/snapshots/served-snapshots.js';

import { AnswerFileRequest } from './answer-file-request.js';
import { DeliverFile } from './deliver-file.js';
import { ReportDamage } from './report-damage.js';

/** From a request to the file it gets. */
@Module({})
export class DeliveryModule {
  static register(imports: {
    readonly observability: DynamicModule;
    readonly snapshots: DynamicModule;
    readonly entitlement: DynamicModule;
  }): DynamicModule {
    return {
      module: DeliveryModule,
      imports: [imports.observability, imports.snapshots, imports.entitlement],
      providers: [
        provideClass(DeliverFile, [CATALOG]),
        provideClass(AnswerFileRequest, [ServedSnapshots, CheckEntitlement, DeliverFile]),
        provideClass(ReportDamage, [ServedSnapshots, MarkDamaged, LOG]),
      ],
      exports: [AnswerFileRequest, ReportDamage],
    };
  }
}
