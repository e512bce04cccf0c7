// Builds `examples/upstream/`: two tiny feeds of packages of our own, one for opkg and one for apt, with real indexes.
// The result is committed, so that the example needs no tool but Node; run this again after changing a package.
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { ar, tarGz } from './archive.mjs';

const UPSTREAM = join(dirname(fileURLToPath(import.meta.url)), 'upstream');
const BUILT_AT = Date.UTC(2026, 0, 14) / 1000;

const PACKAGES = [
  { name: 'parceler-hello', version: '1.0.0', summary: 'says hello from a Parceler repository', program: 'hello' },
  { name: 'parceler-motd', version: '1.2.1', summary: 'message of the day for appliances', program: 'motd' },
];

const hash = (algorithm, bytes) => createHash(algorithm).update(bytes).digest('hex');

function save(path, body) {
  const file = join(UPSTREAM, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, body);
}

/** One paragraph of a Debian-style control file. */
const paragraph = (fields) =>
  Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');

function controlOf({ name, version, summary }) {
  return {
    Package: name,
    Version: version,
    Architecture: 'all',
    Maintainer: 'Parceler example <example@parceler.invalid>',
    Section: 'utils',
    Priority: 'optional',
    'Installed-Size': '4',
    Description: summary,
  };
}

function contentsOf({ name, version, program }) {
  const script = `#!/bin/sh\necho "${program} from ${name} ${version}"\n`;
  return [
    { name: './' },
    { name: './usr/' },
    { name: './usr/bin/' },
    { name: `./usr/bin/${name}`, body: script, mode: 0o755 },
  ];
}

const controlArchive = (item) =>
  tarGz([{ name: './' }, { name: './control', body: paragraph(controlOf(item)) }], BUILT_AT);
const dataArchive = (item) => tarGz(contentsOf(item), BUILT_AT);

/** OpenWrt's package: a gzipped tar of what a .deb keeps in `ar`. */
const ipk = (item) =>
  tarGz(
    [
      { name: './debian-binary', body: '2.0\n' },
      { name: './data.tar.gz', body: dataArchive(item) },
      { name: './control.tar.gz', body: controlArchive(item) },
    ],
    BUILT_AT,
  );

/** deb(5). */
const deb = (item) =>
  ar(
    [
      { name: 'debian-binary', body: Buffer.from('2.0\n') },
      { name: 'control.tar.gz', body: controlArchive(item) },
      { name: 'data.tar.gz', body: dataArchive(item) },
    ],
    BUILT_AT,
  );

function buildOpkgFeed() {
  const paragraphs = PACKAGES.map((item) => {
    const bytes = ipk(item);
    const name = `${item.name}_${item.version}_all.ipk`;
    save(`opkg/${name}`, bytes);
    return paragraph({ ...controlOf(item), Filename: name, Size: bytes.length, SHA256sum: hash('sha256', bytes) });
  });
  const index = paragraphs.join('\n');
  save('opkg/Packages', index);
  save('opkg/Packages.gz', gzipSync(index, { level: 9 }));
}

function buildAptArchive() {
  const paragraphs = PACKAGES.map((item) => {
    const bytes = deb(item);
    const path = `pool/main/p/${item.name}/${item.name}_${item.version}_all.deb`;
    save(`apt/${path}`, bytes);
    return paragraph({
      ...controlOf(item),
      Filename: path,
      Size: bytes.length,
      MD5sum: hash('md5', bytes),
      SHA256: hash('sha256', bytes),
    });
  });
  const index = Buffer.from(paragraphs.join('\n'));
  const files = ['all', 'amd64'].flatMap((arch) => [
    { path: `main/binary-${arch}/Packages`, body: index },
    { path: `main/binary-${arch}/Packages.gz`, body: gzipSync(index, { level: 9 }) },
  ]);
  for (const { path, body } of files) save(`apt/dists/stable/${path}`, body);
  save('apt/dists/stable/Release', release(files));
}

function release(files) {
  const sums = files.map(({ path, body }) => ` ${hash('sha256', body)} ${body.length} ${path}\n`).join('');
  const fields = {
    Origin: 'Parceler example',
    Suite: 'stable',
    Codename: 'stable',
    Architectures: 'all amd64',
    Components: 'main',
    Date: new Date(BUILT_AT * 1000).toUTCString().replace('GMT', 'UTC'),
  };
  return `${paragraph(fields)}SHA256:\n${sums}`;
}

rmSync(UPSTREAM, { recursive: true, force: true });
buildOpkgFeed();
buildAptArchive();
