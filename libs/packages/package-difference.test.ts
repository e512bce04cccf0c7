import fc from 'fast-check';

import { packageDifferences } from './package-difference.js';
import { type PackageFormat } from './package-format.js';

describe('packageDifferences', () => {
  const told = (format: PackageFormat, before: string, after: string) => {
    const list = (text: string) => text.split(' ').filter((version) => version !== '');
    return packageDifferences(format, list(before), list(after)).map(
      ({ kind, from = '', to = '' }) => `${kind} ${from}>${to}`,
    );
  };

  it.each<[PackageFormat, string, string, readonly string[]]>([
    ['deb', '', '1.0', ['added >1.0']],
    ['deb', '1.0', '', ['removed 1.0>']],
    ['deb', '1.0', '1.0', []],
    ['deb', '1.9', '1.10', ['upgraded 1.9>1.10']],
    ['deb', '1.0', '1.0~rc1', ['downgraded 1.0>1.0~rc1']],
    ['deb', '1.0', '1.0-0', ['changed 1.0>1.0-0']],
    ['rpm', '1-1', '1-1 1-2', ['upgraded 1-1>1-2']],
    ['rpm', '1-1 1-2', '1-1', ['downgraded 1-2>1-1']],
    ['rpm', '1-1 1-2', '1-2', ['removed 1-1>']],
    ['rpm', '1-1 1-2', '1-2 1-3', ['upgraded 1-2>1-3', 'removed 1-1>']],
    ['rpm', '1-2', '1-1 1-2', ['added >1-1']],
    ['composer', 'dev-main', 'dev-next', ['changed dev-main>dev-next']],
  ])('of %s: %p, then %p', (format, before, after, expected) => {
    expect(told(format, before, after)).toEqual(expected);
  });

  const versions = fc.uniqueArray(fc.constantFrom('1', '2', '1.0', '1~a', '10', '1+b'), { maxLength: 4 });

  it('accounts for every version that came or went, once, and for no other', () => {
    const holds = (before: readonly string[], after: readonly string[]) => {
      const all = packageDifferences('deb', before, after);
      const from = all.flatMap((one) => one.from ?? []).filter((version) => !after.includes(version));
      const to = all.flatMap((one) => one.to ?? []).filter((version) => !before.includes(version));
      expect(from.toSorted()).toEqual(before.filter((version) => !after.includes(version)).toSorted());
      expect(to.toSorted()).toEqual(after.filter((version) => !before.includes(version)).toSorted());
    };
    fc.assert(fc.property(versions, versions, holds));
  });

  it('says upgraded one way where it says downgraded the other', () => {
    const opposite: Readonly<Record<string, string>> = {
      upgraded: 'downgraded',
      downgraded: 'upgraded',
      added: 'removed',
      removed: 'added',
    };
    const holds = (before: readonly string[], after: readonly string[]) => {
      const back = packageDifferences('deb', after, before).map(({ kind }) => opposite[kind] ?? kind);
      expect(
        packageDifferences('deb', before, after)
          .map(({ kind }) => kind)
          .toSorted(),
      ).toEqual(back.toSorted());
    };
    fc.assert(fc.property(versions, versions, holds));
  });

  it('does not depend on the order of listing', () => {
    const holds = (before: readonly string[], after: readonly string[]) => {
      const sorted = (all: ReturnType<typeof packageDifferences>) => all.map((one) => JSON.stringify(one)).toSorted();
      expect(sorted(packageDifferences('deb', before.toReversed(), after.toReversed()))).toEqual(
        sorted(packageDifferences('deb', before, after)),
      );
    };
    fc.assert(fc.property(versions, versions, holds));
  });
});
