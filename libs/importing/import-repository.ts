import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';

import { type Act } from '#libs/kernel/actor.js';
import { counted } from '#libs/kernel/counted.js';
import { AppError, isAppError } from '#libs/kernel/errors.js';
import { asSnapshotId, repositoryName, type RepositoryName, type SnapshotId } from '#libs/kernel/ids.js';
import { type Leases } from '#libs/persistence/lease.js';
import { type Held, type Leased } from '#libs/persistence/with-lease.js';
import { type FreezeRepository } from '#libs/releases/freeze-repository.js';
import { freezeTarget } from '#libs/releases/freeze-target.js';
import { freeName } from '#libs/repositories/free-name.js';
import { type RegisterRepository } from '#libs/repositories/register-repository.js';
import { parseRepository } from '#libs/repositories/repository-settings.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';
import { type RecoverSnapshots } from '#libs/snapshots/recovery/recover-snapshots.js';
import { type Trees } from '#libs/snapshots/recovery/trees.js';
import { type SnapshotStore } from '#libs/snapshots/snapshot-store.js';
import { keyPrefix, type KeyPrefix } from '#libs/storage/object-key.js';
import { withRepositoryLease } from '#libs/syncing/repository-lease.js';

import { freezeMissing, freezeNotTaken, repositoryBusy } from './import-errors.js';
import { type Original, type OriginalRepository } from './original.js';
import { planTrees, type TreesPlan } from './plan-trees.js';

/** What became of something; `left`: it was here already, or has no place here · `failed`: somebody has to look at it. */
export interface Step {
  readonly outcome: 'did' | 'left' | 'failed';
  readonly repository: string;
  readonly what: string;
}

export interface ImportPlace {
  /** The folder of the original's storage, resolved. */
  readonly storage: string;
  /** Where its snapshots are, below that. */
  readonly folder: KeyPrefix;
  readonly trees: Trees;
}

export interface ImportTerms {
  /** Changes nothing; says what would be done. */
  readonly dryRun: boolean;
  readonly act: Act;
  readonly signal: AbortSignal;
  readonly tell: (step: Step) => void;
}

export interface ImportParts {
  readonly original: Original;
  readonly repositories: RepositoryStore;
  readonly snapshots: SnapshotStore;
  readonly register: Pick<RegisterRepository, 'run'>;
  readonly recover: Pick<RecoverSnapshots, 'run'>;
  readonly freeze: Pick<FreezeRepository, 'run'>;
  readonly leases: Leases;
  /** How long to wait for somebody else who works on a repository. */
  readonly patienceMs: number;
}

const ASK_AGAIN_MS = 500;

/**
 * Takes one repository over: its settings, its snapshots in order of time, and last what it is frozen to. What is here
 * already stays as it is, so that an import that was cut off is done again.
 */
export class ImportRepository {
  constructor(private readonly parts: ImportParts) {}

  /**
   * @throws AppError `INVALID_…` for settings that cannot be taken, `REPOSITORY_EXISTS` while one of that name is being
   * removed, `REPOSITORY_BUSY`, `ORIGINAL_FREEZE_MISSING`, `ORIGINAL_FREEZE_REFUSED`, and those of disk and database
   */
  async run(original: OriginalRepository, place: ImportPlace, terms: ImportTerms): Promise<void> {
    const name = repositoryName(original.name);
    if (terms.dryRun) return this.takeOver(new Takeover(name, original, place, terms));
    const leased = await this.patiently(terms.signal, () =>
      withRepositoryLease(this.parts.leases, name, terms.act.actor, (held) =>
        this.takeOver(new Takeover(name, original, place, terms, held)),
      ),
    );
    if (leased.kind === 'taken') throw repositoryBusy(name);
  }

  /** An import that was killed holds its lease for another half a minute. */
  private async patiently<T>(signal: AbortSignal, work: () => Promise<Leased<T>>): Promise<Leased<T>> {
    const giveUpAt = performance.now() + this.parts.patienceMs;
    for (;;) {
      const leased = await work();
      if (leased.kind === 'done' || performance.now() > giveUpAt) return leased;
      await setTimeout(ASK_AGAIN_MS, undefined, { signal });
    }
  }

  private async takeOver(takeover: Takeover): Promise<void> {
    const { name, place, original } = takeover;
    const frozen = frozenDirectory(name, original, place);
    const entries = this.parts.original.entries(place.storage, keyPrefix(`${place.folder}${name}`));
    const there = new Set<string>(entries.flatMap((entry) => (entry.isFolder ? [entry.name] : [])));
    await this.registered(takeover, () => {
      if (frozen !== undefined && !there.has(frozen)) throw freezeMissing(name, original.frozenTo ?? '');
    });

    const plan = planTrees(entries, await this.parts.snapshots.list(name), frozen);
    for (const { directory, because } of plan.leave) takeover.tell('left', `${takeover.pathOf(directory)}: ${because}`);
    for (const { directory, because } of plan.refuse)
      takeover.tell('failed', `${takeover.pathOf(directory)}: ${because}`);
    await this.adoptAll(takeover, plan, frozen);
    if (frozen !== undefined) await this.freeze(takeover, frozen);
  }

  private async registered(takeover: Takeover, assertWhole: () => void): Promise<void> {
    const { name, draft, held, terms } = takeover;
    if ((await this.parts.repositories.find(name)) !== undefined) {
      takeover.tell('left', 'it is registered here; its settings stay as they are');
      if (held) await this.parts.recover.run({ repository: name, fence: held.fence, act: terms.act });
      return;
    }
    assertWhole();
    if (terms.dryRun) {
      await freeName(this.parts.repositories, name);
      parseRepository(draft);
    } else await this.parts.register.run(draft, terms.act);
    takeover.tell('did', 'registered');
  }

  private async adoptAll(takeover: Takeover, plan: TreesPlan, frozen: string | undefined): Promise<void> {
    for (const { directory } of plan.adopt) {
      try {
        await this.adopt(takeover, directory);
      } catch (error) {
        if (!isAppError(error) || !OF_THE_TREE.has(error.code)) throw error;
        if (directory === frozen) throw freezeNotTaken(takeover.name, error);
        takeover.tell('failed', `${takeover.pathOf(directory)}: ${error.message}`);
      }
    }
  }

  /** Answers with its id, which a dry run does not make. */
  private async adopt(takeover: Takeover, directory: string): Promise<SnapshotId | undefined> {
    const { name, place, terms, held } = takeover;
    const path = takeover.pathOf(directory);
    if (held === undefined) {
      takeover.tell(
        'did',
        `made a snapshot of ${path}, ${counted(await filesIn(place.trees, name, directory), 'file')}`,
      );
      return undefined;
    }
    const attempt = `import-${randomBytes(8).toString('hex')}`;
    const signal = AbortSignal.any([terms.signal, held.signal]);
    const request = { repository: name, directory, attempt, fence: held.fence, act: terms.act, signal };
    const { id, files } = await place.trees.adopt.run(request);
    takeover.tell('did', `made snapshot ${id} of ${path}, ${counted(files, 'file')}`);
    return id;
  }

  private async freeze(takeover: Takeover, frozen: string): Promise<void> {
    const { name, terms } = takeover;
    const repository = await this.parts.repositories.find(name);
    if (repository !== undefined && (await this.wasDecidedHere(repository))) {
      takeover.tell('left', 'whether it is frozen was decided here since, and stays so');
      return;
    }
    const target = (await this.knownSnapshot(name, frozen)) ?? (await this.adoptFrozen(takeover, frozen));
    if (target !== undefined) {
      const act = { ...terms.act, reason: 'it was so in the Parceler that it was imported from' };
      await this.parts.freeze.run({ repository: name, target, act });
    }
    takeover.tell('did', `set its freeze to ${target ?? takeover.pathOf(frozen)}`);
  }

  private async wasDecidedHere({ name, createdAt }: { readonly name: RepositoryName; readonly createdAt: Date }) {
    const changes = await this.parts.repositories.policyChanges(name, createdAt);
    return changes.some(({ before }) => 'freeze' in before);
  }

  private async knownSnapshot(name: RepositoryName, directory: string): Promise<SnapshotId | undefined> {
    const id = asSnapshotId(directory);
    return id && (await this.parts.snapshots.find(name, id))?.id;
  }

  private async adoptFrozen(takeover: Takeover, frozen: string): Promise<SnapshotId | undefined> {
    if (takeover.held === undefined && asSnapshotId(frozen) !== undefined) return undefined; // told among the others
    try {
      return await this.adopt(takeover, frozen);
    } catch (error) {
      if (isAppError(error) && OF_THE_TREE.has(error.code)) throw freezeNotTaken(takeover.name, error);
      throw error;
    }
  }
}

/** One repository on its way. */
class Takeover {
  constructor(
    readonly name: RepositoryName,
    readonly original: OriginalRepository,
    readonly place: ImportPlace,
    readonly terms: ImportTerms,
    /** Its lease; a dry run has none. */
    readonly held?: Held,
  ) {}

  get draft() {
    const { command, sourceFolder, delay } = this.original;
    return { name: this.name, command, sourceFolder, delay, holdBack: 'window' };
  }

  /** As an operator finds it in the storage. */
  pathOf(directory: string): string {
    return `${this.place.folder}${this.name}/${directory}`;
  }

  tell(outcome: Step['outcome'], what: string): void {
    this.terms.tell({ outcome, repository: this.name, what });
  }
}

/** Faults of one directory; the others go on. */
const OF_THE_TREE = new Set([
  'SOURCE_REFUSED',
  'SOURCE_CHANGED',
  'SOURCE_EMPTY',
  'SOURCE_MISSING',
  'SNAPSHOT_ID_TAKEN',
]);

/** @throws AppError `INVALID_FREEZE_TARGET` */
function frozenDirectory(
  name: RepositoryName,
  { frozenTo }: OriginalRepository,
  { storage, folder }: ImportPlace,
): string | undefined {
  if (frozenTo === undefined) return undefined;
  const path = frozenTo.startsWith(`${storage}/`) ? frozenTo.slice(storage.length + 1) : frozenTo;
  return freezeTarget(name, path, `${folder}${name}`).directory;
}

/** @throws AppError as adopting it would */
async function filesIn({ source }: Trees, name: RepositoryName, directory: string): Promise<number> {
  let files = 0;
  for await (const batch of source.walk(name, directory)) files += batch.length;
  if (files > 0) return files;
  throw new AppError('conflict', 'SOURCE_EMPTY', `The directory "${directory}" has no files.`);
}
