import { cronExpression } from '#libs/config/cron-expression.js';
import { edition, EDITIONS, type Edition } from '#libs/entitlement/edition.js';
import { AppError, isAppError } from '#libs/kernel/errors.js';
import { printable, repositoryName, type RepositoryName } from '#libs/kernel/ids.js';
import { objectKey } from '#libs/storage/object-key.js';

import { HOLD_BACK_MODES, type HoldBack, type RepositorySettings } from './repository.js';

/** Settings as an operator writes them. What is not given is not there or `undefined`; empty text takes a setting away. */
export interface SettingsDraft {
  readonly command?: string | undefined;
  /** Empty or `.` publishes all of the source. */
  readonly sourceFolder?: string | undefined;
  readonly delay?: string | number | undefined;
  readonly holdBack?: string | undefined;
  /** Empty follows `SYNC_SCHEDULE`. */
  readonly schedule?: string | undefined;
  readonly editions?: readonly string[] | undefined;
}

export interface RepositoryDraft extends SettingsDraft {
  readonly name: string;
  readonly command: string;
}

/** What a repository has when nothing else was said. */
export const DEFAULT_SETTINGS: Omit<RepositorySettings, 'command'> = {
  sourceFolder: undefined,
  delay: 7,
  holdBack: 'window',
  schedule: undefined,
  editions: EDITIONS,
};

export const LONGEST_DELAY_DAYS = 3_650;
export const LONGEST_COMMAND_BYTES = 4_096;
const LONGEST_FOLDER_BYTES = 1_024;

type Changes = { -readonly [Field in keyof RepositorySettings]?: RepositorySettings[Field] };

/**
 * A whole repository; what is missing has its default.
 *
 * @throws AppError of the only mistake, or `INVALID_REPOSITORY` that tells all of them
 */
export function parseRepository(draft: RepositoryDraft): { name: RepositoryName; settings: RepositorySettings } {
  const mistakes = new Mistakes();
  mistakes.collect(() => repositoryName(draft.name));
  const changes = readChanges(draft, mistakes);
  mistakes.throwAny();
  const settings = { ...DEFAULT_SETTINGS, command: parseCommand(draft.command), ...changes };
  return { name: repositoryName(draft.name), settings };
}

/**
 * The settings that are given, and no others.
 *
 * @throws AppError of the only mistake, or `INVALID_REPOSITORY` that tells all of them
 */
export function parseChanges(draft: SettingsDraft): Partial<RepositorySettings> {
  const mistakes = new Mistakes();
  const changes = readChanges(draft, mistakes);
  mistakes.throwAny();
  return changes;
}

function readChanges(draft: SettingsDraft, mistakes: Mistakes): Changes {
  const changes: Changes = {};
  const { command, sourceFolder, delay, holdBack, schedule, editions } = draft;
  const given = <Text>(text: Text | undefined, read: (text: Text) => void) => {
    if (text !== undefined)
      mistakes.collect(() => {
        read(text);
      });
  };
  given(command, (text) => (changes.command = parseCommand(text)));
  given(sourceFolder, (text) => (changes.sourceFolder = parseSourceFolder(text)));
  given(delay, (text) => (changes.delay = parseDelay(text)));
  given(holdBack, (text) => (changes.holdBack = parseHoldBack(text)));
  given(schedule, (text) => (changes.schedule = parseSchedule(text)));
  given(editions, (texts) => (changes.editions = parseEditions(texts)));
  return changes;
}

/** A shell command, as it is written. @throws AppError `INVALID_COMMAND` */
export function parseCommand(text: string): string {
  const command = text.trim();
  if (command === '')
    throw invalid('COMMAND', 'The command is empty.', 'Give the shell command that fills the source.');
  if (command.includes('\0'))
    throw invalid('COMMAND', 'The command has a NUL character in it.', 'Write it as plain text.');
  if (Buffer.byteLength(command) <= LONGEST_COMMAND_BYTES) return command;
  throw invalid(
    'COMMAND',
    `The command is longer than ${String(LONGEST_COMMAND_BYTES)} bytes.`,
    'Put it into a script, and call that.',
  );
}

/** A folder below the source; `undefined` for all of it. @throws AppError `INVALID_SOURCE_FOLDER` */
export function parseSourceFolder(text: string): string | undefined {
  const folder = text.replace(/(?:\/\.?)+$/, (end) => (end.length === text.length ? end : ''));
  if (folder === '' || folder === '.') return undefined;
  try {
    if (Buffer.byteLength(folder) <= LONGEST_FOLDER_BYTES) return objectKey(folder);
  } catch {
    // told below, in words of this setting
  }
  throw invalid(
    'SOURCE_FOLDER',
    `The source folder "${printable(folder)}" is not a folder below the source.`,
    'Give a relative path such as dists/stable, without "..", or nothing to publish the whole source.',
  );
}

/** Whole days. @throws AppError `INVALID_DELAY` */
export function parseDelay(days: string | number): number {
  const text = String(days).trim();
  const delay = /^\d{1,4}$/.test(text) ? Number(text) : NaN;
  if (delay <= LONGEST_DELAY_DAYS) return delay;
  throw invalid(
    'DELAY',
    `The delay "${printable(text)}" is not a whole number of days between 0 and ${String(LONGEST_DELAY_DAYS)}.`,
    'Give a number such as 7; 0 serves new files at once.',
  );
}

/** @throws AppError `INVALID_HOLD_BACK` */
export function parseHoldBack(text: string): HoldBack {
  const mode = HOLD_BACK_MODES.find((known) => known === text.trim());
  if (mode !== undefined) return mode;
  throw invalid(
    'HOLD_BACK',
    `"${printable(text)}" is not a hold-back mode.`,
    `Modes are ${HOLD_BACK_MODES.join(' and ')}.`,
  );
}

/** A cron expression; `undefined` for none of its own. @throws AppError `INVALID_SCHEDULE` */
export const parseSchedule = (text: string): string | undefined =>
  text.trim() === '' ? undefined : cronExpression(text);

/** Each once, in the usual order. @throws AppError `INVALID_EDITION` */
export function parseEditions(texts: readonly string[]): readonly Edition[] {
  const given = new Set(texts.map((text) => edition(text.trim())));
  if (given.size > 0) return EDITIONS.filter((known) => given.has(known));
  throw invalid('EDITION', 'No edition is named.', `Name ${EDITIONS.join(', ')} or both.`);
}

/** Collects what is wrong with several fields, to tell it all at once. */
class Mistakes {
  private readonly found: AppError[] = [];

  collect(parse: () => unknown): void {
    try {
      parse();
    } catch (error) {
      if (!isAppError(error)) throw error;
      this.found.push(error);
    }
  }

  throwAny(): void {
    const [first, ...others] = this.found;
    if (first === undefined) return;
    if (others.length === 0) throw first;
    const message = this.found.map((mistake) => mistake.message).join(' ');
    const hint = [...new Set(this.found.map((mistake) => mistake.hint ?? ''))].join(' ');
    throw new AppError('invalid', 'INVALID_REPOSITORY', message, { hint });
  }
}

const invalid = (field: string, message: string, hint: string): AppError =>
  new AppError('invalid', `INVALID_${field}`, message, { hint });
