import { isIn, type ListedPackage, type PackageChanges } from '../packages/package-catalog.js';
import { DEBIAN } from './arbitrary-snapshots.js';
import { ACT, forgetSnapshot, newSnapshot, OPENWRT, type IndexUnderTest } from './index-under-test.js';

const INDEX = 'feed/Packages';

/** Such as `hello 1.0`, in an index. */
const aPackage = (text: string, index = INDEX): ListedPackage => {
  const [name = '', version = ''] = text.split(' ');
  return { index, name, version, arch: 'all', path: version === 'nowhere' ? undefined : `${name}_${version}.ipk` };
};

/** What every catalog of packages has to do. */
export function describePackageCatalog(name: string, make: () => Promise<IndexUnderTest>): void {
  describe(`${name} (packages)`, () => {
    let index: IndexUnderTest;
    beforeEach(async () => {
      index = await make();
    });
    afterEach(() => index.remove());

    /** Publishes a snapshot in which the index names just these. */
    const publish = async (sequence: number, texts: readonly string[], more: Partial<PackageChanges> = {}) => {
      const known = await index.packages.listed(DEBIAN, await index.store.lastSequence(DEBIAN), [INDEX]);
      const stays = known.map((item) => `${item.name} ${item.version}`);
      const changes = {
        readAgain: [INDEX],
        gone: known.filter((_, at) => !texts.includes(stays[at] ?? '')).map(({ key }) => key),
        added: texts.filter((text) => !stays.includes(text)).map((text) => aPackage(text)),
        unread: [],
        ...more,
      };
      const together = () => index.packages.extend(DEBIAN, sequence, changes);
      await index.store.publish(newSnapshot(sequence, 0), [], { ...ACT, fence: index.fence, together });
    };
    const at = async (sequence: number, indexes = [INDEX]) =>
      (await index.packages.listed(DEBIAN, sequence, indexes)).map((item) => `${item.name} ${item.version}`).toSorted();
    const all = async (pages: AsyncIterable<readonly string[]>) => {
      const names: string[] = [];
      for await (const page of pages) names.push(...page);
      return names;
    };

    it('lists what an index named in each snapshot', async () => {
      await publish(1, ['hello 1.0', 'motd 1.0']);
      await publish(2, ['hello 2.0', 'motd 1.0']);
      await publish(5, ['motd 1.0']);
      expect(await at(1)).toEqual(['hello 1.0', 'motd 1.0']);
      expect(await at(2)).toEqual(['hello 2.0', 'motd 1.0']);
      expect(await at(5)).toEqual(['motd 1.0']);
      expect(await at(5, ['feed/other'])).toEqual([]);
      expect(await index.packages.listed(OPENWRT, 5, [INDEX])).toEqual([]);
    });

    it('keeps each fact of a package', async () => {
      await publish(1, ['hello 1.0', 'elsewhere nowhere']);
      const [elsewhere, hello] = await index.packages.versions(DEBIAN, ['hello', 'elsewhere']);
      expect(hello).toEqual({ ...aPackage('hello 1.0'), addedIn: 1, removedIn: undefined, key: hello?.key });
      expect(elsewhere?.path).toBeUndefined();
    });

    it('tells every version of a package and where it was', async () => {
      await publish(1, ['hello 1.0']);
      await publish(2, ['hello 2.0']);
      await publish(3, ['hello 1.0']);
      const spans = (await index.packages.versions(DEBIAN, ['hello', 'nothing'])).map((item) =>
        [item.version, item.addedIn, item.removedIn ?? '-'].join(' '),
      );
      expect(spans.toSorted()).toEqual(['1.0 1 2', '1.0 3 -', '2.0 2 3']);
    });

    it('tells what names a file', async () => {
      await publish(1, ['hello 1.0', 'motd 1.0', 'elsewhere nowhere']);
      await publish(2, ['hello 2.0', 'motd 1.0']);
      const found = await index.packages.naming(DEBIAN, ['hello_1.0.ipk', 'hello_2.0.ipk', 'other']);
      expect(found.map(({ path }) => path).toSorted()).toEqual(['hello_1.0.ipk', 'hello_2.0.ipk']);
      expect(await index.packages.naming(DEBIAN, [])).toEqual([]);
    });

    it('gives names in byte order, of many more than a page', async () => {
      const names = [
        'a',
        'B',
        'ö',
        '\u{1f600}',
        '\uffee',
        ...Array.from({ length: 2_500 }, (_, number) => `p${String(number)}`),
      ];
      await publish(
        1,
        names.map((text) => `${text} 1`),
      );
      const sorted = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect(await all(index.packages.names(DEBIAN))).toEqual(sorted);
      expect(await all(index.packages.names(OPENWRT))).toEqual([]);
    });

    it('gives the names that differ between two snapshots, whichever is asked for first', async () => {
      await publish(1, ['same 1', 'goes 1', 'changes 1', 'returns 1']);
      await publish(2, ['same 1', 'changes 2', 'passes 1']);
      await publish(3, ['same 1', 'changes 2', 'comes 1', 'returns 1']);
      const differing = (from: number, to: number) => all(index.packages.differingNames(DEBIAN, from, to));
      expect(await differing(1, 3)).toEqual(['changes', 'comes', 'goes', 'returns']);
      expect(await differing(3, 1)).toEqual(await differing(1, 3));
      expect(await differing(2, 2)).toEqual([]);
    });

    it('remembers in which snapshots an index could not be read', async () => {
      const unread = [{ index: INDEX, reason: 'feed/Packages.gz cannot be unpacked' }];
      await publish(1, []);
      await publish(2, [], { unread });
      await publish(3, [], { readAgain: [] });
      await publish(4, ['hello 1.0']);
      const [only, ...others] = await index.packages.unread(DEBIAN);
      expect(others).toEqual([]);
      expect(only).toEqual({ index: INDEX, reason: 'feed/Packages.gz cannot be unpacked', addedIn: 2, removedIn: 4 });
      expect(await index.packages.unread(OPENWRT)).toEqual([]);
    });

    it('publishes packages and snapshot together, or neither', async () => {
      await publish(1, ['hello 1.0']);
      await index.overtake();
      await expect(publish(2, ['hello 2.0'])).rejects.toMatchObject({ code: 'LEASE_LOST' });
      expect(await at(1)).toEqual(['hello 1.0']);
      const found = await index.packages.versions(DEBIAN, ['hello']);
      expect(found.map(({ version, removedIn }) => [version, removedIn])).toEqual([['1.0', undefined]]);
    });

    it('still has what the other snapshots list when one is forgotten, and takes back what was lost', async () => {
      await publish(1, ['hello 1.0', 'motd 1.0']);
      await publish(2, ['hello 2.0', 'motd 1.0']);
      await publish(3, ['hello 3.0', 'motd 2.0']);
      const second = newSnapshot(2, 0);
      await forgetSnapshot(index, second);
      expect(await at(1)).toEqual(['hello 1.0', 'motd 1.0']);
      expect(await at(3)).toEqual(['hello 3.0', 'motd 2.0']);
      const known = await at(2);
      const added = ['hello 2.0', 'motd 1.0'].filter((text) => !known.includes(text)).map((text) => aPackage(text));
      const lost = { readAgain: [], gone: [], added, unread: [{ index: 'other', reason: 'why' }] };
      const together = () => index.packages.restore(DEBIAN, 2, lost);
      expect(await index.store.readmit(second, [], index.fence, { ...ACT, together })).toBe(true);
      expect(await at(2)).toEqual(['hello 2.0', 'motd 1.0']);
      expect(await at(3)).toEqual(['hello 3.0', 'motd 2.0']);
      expect((await index.packages.unread(DEBIAN)).map((span) => [span.index, isIn(span, 2), isIn(span, 3)])).toEqual([
        ['other', true, false],
      ]);
    });
  });
}
