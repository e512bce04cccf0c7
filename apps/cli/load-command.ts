import { type Provider, type Type } from '@nestjs/common';

import { type ParcelerCommand } from './parceler-command.js';
import { type CommandName } from './summaries.js';

/** A command, with what it needs besides its use cases, such as the questions it asks. */
export type CommandClass = Type<ParcelerCommand> & { readonly providers?: readonly Provider[] };

/** Each command is loaded when it is called, and only then: starting is most of what a short command costs. */
const LOADERS: Readonly<Record<CommandName, () => Promise<CommandClass>>> = {
  'repository:create': async () => (await import('./repository/repository-create.command.js')).RepositoryCreateCommand,
  'repository:list': async () => (await import('./repository/repository-list.command.js')).RepositoryListCommand,
  'repository:show': async () => (await import('./repository/repository-show.command.js')).RepositoryShowCommand,
  'repository:update': async () => (await import('./repository/repository-update.command.js')).RepositoryUpdateCommand,
  'repository:delete': async () => (await import('./repository/repository-delete.command.js')).RepositoryDeleteCommand,
  'repository:sync': async () => (await import('./repository/repository-sync.command.js')).RepositorySyncCommand,
  'repository:freeze': async () => (await import('./repository/repository-freeze.command.js')).RepositoryFreezeCommand,
  'repository:unfreeze': async () =>
    (await import('./repository/repository-unfreeze.command.js')).RepositoryUnfreezeCommand,
  'repository:milestone': async () =>
    (await import('./repository/repository-milestone.command.js')).RepositoryMilestoneCommand,
  'repository:rollback': async () =>
    (await import('./repository/repository-rollback.command.js')).RepositoryRollbackCommand,
  'repository:files': async () => (await import('./repository/repository-files.command.js')).RepositoryFilesCommand,
  'repository:snapshots': async () =>
    (await import('./repository/repository-snapshots.command.js')).RepositorySnapshotsCommand,
  'repository:diff': async () => (await import('./repository/repository-diff.command.js')).RepositoryDiffCommand,
  'repository:find': async () => (await import('./repository/repository-find.command.js')).RepositoryFindCommand,
  'snapshot:delete': async () => (await import('./snapshot/snapshot-delete.command.js')).SnapshotDeleteCommand,
  'snapshot:restore': async () => (await import('./snapshot/snapshot-restore.command.js')).SnapshotRestoreCommand,
  'snapshot:verify': async () => (await import('./snapshot/snapshot-verify.command.js')).SnapshotVerifyCommand,
  'snapshot:export': async () => (await import('./snapshot/snapshot-export.command.js')).SnapshotExportCommand,
  'run:list': async () => (await import('./run/run-list.command.js')).RunListCommand,
  'run:show': async () => (await import('./run/run-show.command.js')).RunShowCommand,
  'run:log': async () => (await import('./run/run-log.command.js')).RunLogCommand,
  'run:cancel': async () => (await import('./run/run-cancel.command.js')).RunCancelCommand,
  'system:add': async () => (await import('./system/system-add.command.js')).SystemAddCommand,
  'system:list': async () => (await import('./system/system-list.command.js')).SystemListCommand,
  'system:revoke': async () => (await import('./system/system-revoke.command.js')).SystemRevokeCommand,
  'system:forget': async () => (await import('./system/system-forget.command.js')).SystemForgetCommand,
  'schedule:list': async () => (await import('./schedule/schedule-list.command.js')).ScheduleListCommand,
  'schedule:run': async () => (await import('./schedule/schedule-run.command.js')).ScheduleRunCommand,
  'queue:work': async () => (await import('./queue/queue-work.command.js')).QueueWorkCommand,
  'queue:failed': async () => (await import('./queue/queue-failed.command.js')).QueueFailedCommand,
  'queue:retry': async () => (await import('./queue/queue-retry.command.js')).QueueRetryCommand,
  'garbage:collect': async () => (await import('./operation/garbage-collect.command.js')).GarbageCollectCommand,
  serve: async () => (await import('./operation/serve.command.js')).ServeCommand,
  down: async () => (await import('./maintenance/down.command.js')).DownCommand,
  up: async () => (await import('./maintenance/up.command.js')).UpCommand,
  backup: async () => (await import('./operation/backup.command.js')).BackupCommand,
  restore: async () => (await import('./operation/restore.command.js')).RestoreCommand,
  'import:parceler': async () => (await import('./operation/import-parceler.command.js')).ImportParcelerCommand,
  migrate: async () => (await import('./operation/migrate.command.js')).MigrateCommand,
  'key:generate': async () => (await import('./operation/key-generate.command.js')).KeyGenerateCommand,
  'key:adopt': async () => (await import('./operation/key-adopt.command.js')).KeyAdoptCommand,
  'config:check': async () => (await import('./operation/config-check.command.js')).ConfigCheckCommand,
  doctor: async () => (await import('./doctor/doctor.command.js')).DoctorCommand,
};

export const loadCommand = (name: CommandName): Promise<CommandClass> => LOADERS[name]();
