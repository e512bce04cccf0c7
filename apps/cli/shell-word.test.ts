import { spawnSync } from 'node:child_process';

import fc from 'fast-check';

import { shellWord } from './shell-word.js';

const read = (word: string) => spawnSync('/bin/sh', ['-c', `printf %s ${word}`], { encoding: 'utf8' }).stdout;

it.each(['box-1', 'a b', "it's", '$HOME', '`id`', '-n', '', 'ö', '"', '\\', '!!', '#x', '~'])(
  'is read back by a shell as %j',
  (text) => {
    expect(read(shellWord(text))).toBe(text);
  },
);

it('is read back by a shell, whatever it is', () => {
  const texts = fc.string({ unit: 'binary' }).filter((text) => !/[\0\p{Surrogate}]/u.test(text));
  fc.assert(
    fc.property(texts, (text) => read(shellWord(text)) === text),
    { numRuns: 50 },
  );
});

it('leaves plain words as they are', () => {
  expect(shellWord('fleet/box-1.example:80')).toBe('fleet/box-1.example:80');
});
