import fc from 'fast-check';

import { type AppError, isAppError } from '#libs/kernel/errors.js';

import {
  DEFAULT_SETTINGS,
  parseChanges,
  parseCommand,
  parseDelay,
  parseEditions,
  parseHoldBack,
  parseRepository,
  parseSchedule,
  parseSourceFolder,
} from './repository-settings.js';

const mistakeOf = (work: () => unknown): AppError | undefined => {
  try {
    work();
  } catch (error) {
    if (isAppError(error)) return error;
    throw error;
  }
  return undefined;
};

describe('parseCommand', () => {
  it.each([
    ['rclone sync a b', 'rclone sync a b'],
    ['  padded\n', 'padded'],
    ['several\nlines && "quotes" $(x)', 'several\nlines && "quotes" $(x)'],
    ['x'.repeat(4_096), 'x'.repeat(4_096)],
    ['ü'.repeat(2_048), 'ü'.repeat(2_048)],
  ])('takes %j', (text, command) => {
    expect(parseCommand(text)).toBe(command);
  });

  it.each([
    ['', 'empty'],
    [' \n\t', 'empty'],
    ['a\0b', 'NUL'],
    ['x'.repeat(4_097), '4096 bytes'],
    ['ü'.repeat(2_049), '4096 bytes'],
  ])('refuses %j', (text, word) => {
    const mistake = mistakeOf(() => parseCommand(text));
    expect(mistake).toMatchObject({ kind: 'invalid', code: 'INVALID_COMMAND' });
    expect(mistake?.message).toContain(word);
  });
});

describe('parseSourceFolder', () => {
  it.each([
    ['dists', 'dists'],
    ['dists/stable', 'dists/stable'],
    ['dists/', 'dists'],
    ['dists//', 'dists'],
    ['dists/.', 'dists'],
    ['a b/ü', 'a b/ü'],
    ['..a', '..a'],
    ['', undefined],
    ['.', undefined],
    ['./', undefined],
  ])('takes "%s" as %j', (text, folder) => {
    expect(parseSourceFolder(text)).toBe(folder);
  });

  it.each(['/', '/etc', '..', 'a/..', 'a/../b', '../a', 'a//b', './a', 'a/./b', 'a\\b', 'a\0', 'x'.repeat(1_025)])(
    'refuses %j (I-32)',
    (text) => {
      expect(mistakeOf(() => parseSourceFolder(text))).toMatchObject({
        kind: 'invalid',
        code: 'INVALID_SOURCE_FOLDER',
      });
    },
  );

  it('never leads out of the source', () => {
    const text = fc.array(fc.constantFrom('..', '.', '/', '\\', 'a', 'b', '\0', ' ', '~'), { maxLength: 8 });
    fc.assert(
      fc.property(
        text.map((parts) => parts.join('')),
        (path) => {
          const mistake = mistakeOf(() => parseSourceFolder(path));
          const folder = mistake ? undefined : parseSourceFolder(path);
          if (folder === undefined) return;
          expect(folder.startsWith('/')).toBe(false);
          expect(folder.split('/')).not.toContain('..');
          expect(folder.split('/')).not.toContain('');
        },
      ),
    );
  });
});

describe('parseDelay', () => {
  it.each([
    [0, 0],
    [7, 7],
    [3_650, 3_650],
    ['7', 7],
    [' 30 ', 30],
    ['007', 7],
  ])('takes %j', (text, days) => {
    expect(parseDelay(text)).toBe(days);
  });

  it.each([
    -1,
    1.5,
    3_651,
    NaN,
    Infinity,
    '',
    '-1',
    '1.5',
    '1,5',
    '7d',
    '1e2',
    '0x7',
    '3651',
    '99999',
    'null',
    '+7',
    '７',
  ])('refuses %j (I-28)', (text) => {
    expect(mistakeOf(() => parseDelay(text))).toMatchObject({ kind: 'invalid', code: 'INVALID_DELAY' });
  });
});

describe('parseHoldBack', () => {
  it.each(['window', 'minimum-age'])('takes "%s"', (text) => {
    expect(parseHoldBack(text)).toBe(text);
  });

  it.each(['', 'Window', 'windows', 'minimum_age', 'toString'])('refuses "%s"', (text) => {
    expect(mistakeOf(() => parseHoldBack(text))).toMatchObject({ kind: 'invalid', code: 'INVALID_HOLD_BACK' });
  });
});

describe('parseSchedule', () => {
  it.each([
    [' 0  4 * * * ', '0 4 * * *'],
    ['', undefined],
    ['  ', undefined],
  ])('takes "%s" as %j', (text, schedule) => {
    expect(parseSchedule(text)).toBe(schedule);
  });

  it('refuses what is no cron expression of five fields', () => {
    expect(mistakeOf(() => parseSchedule('* * * * * *'))).toMatchObject({ code: 'INVALID_SCHEDULE' });
  });
});

describe('parseEditions', () => {
  it('takes each once, in the usual order', () => {
    expect(parseEditions(['enterprise', ' community', 'enterprise'])).toEqual(['community', 'enterprise']);
    expect(parseEditions(['enterprise'])).toEqual(['enterprise']);
  });

  it.each([[[]], [['']], [['community', 'gold']], [['Community']]])('refuses %j (I-28)', (texts) => {
    expect(mistakeOf(() => parseEditions(texts))).toMatchObject({ kind: 'invalid', code: 'INVALID_EDITION' });
  });
});

describe('parseRepository', () => {
  it('fills in what was not said', () => {
    expect(parseRepository({ name: 'debian', command: 'true' })).toEqual({
      name: 'debian',
      settings: { ...DEFAULT_SETTINGS, command: 'true' },
    });
    expect(DEFAULT_SETTINGS).toMatchObject({ delay: 7, holdBack: 'window', editions: ['community', 'enterprise'] });
  });

  it('takes what was said', () => {
    const draft = {
      name: 'debian',
      command: 'true',
      sourceFolder: 'dists',
      delay: '0',
      holdBack: 'minimum-age',
      schedule: '5 4 * * *',
      editions: ['community'],
    };
    expect(parseRepository(draft).settings).toEqual({
      command: 'true',
      sourceFolder: 'dists',
      delay: 0,
      holdBack: 'minimum-age',
      schedule: '5 4 * * *',
      editions: ['community'],
    });
  });

  it("throws a single mistake's own error", () => {
    expect(mistakeOf(() => parseRepository({ name: 'Debian', command: 'true' }))?.code).toBe('INVALID_REPOSITORY_NAME');
  });

  it('tells all mistakes at once', () => {
    const draft = { name: '-', command: '', sourceFolder: '..', delay: -1, holdBack: 'x', schedule: 'x', editions: [] };
    const mistake = mistakeOf(() => parseRepository(draft));
    expect(mistake?.code).toBe('INVALID_REPOSITORY');
    expect(mistake?.message).toBe(
      '"-" is not a repository name. The command is empty. The source folder ".." is not a folder below the source. ' +
        'The delay "-1" is not a whole number of days between 0 and 3650. "x" is not a hold-back mode. ' +
        'The schedule "x" does not have five fields. No edition is named.',
    );
  });
});

describe('parseChanges', () => {
  it('has what was given and nothing else', () => {
    expect(Object.entries(parseChanges({ delay: 0, schedule: '', holdBack: undefined }))).toEqual([
      ['delay', 0],
      ['schedule', undefined],
    ]);
    expect(parseChanges({})).toEqual({});
  });

  it('tells all mistakes at once', () => {
    expect(mistakeOf(() => parseChanges({ delay: 'x', command: '' }))?.message).toBe(
      'The command is empty. The delay "x" is not a whole number of days between 0 and 3650.',
    );
  });
});
